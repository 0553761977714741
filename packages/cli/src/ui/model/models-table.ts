import type { RegisteredModel } from '@shardmill/client/models';
import { distanceText } from '../schedule/time-text.js';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { table, truncate } from '../text/text-layout.js';

/** What the other columns take. */
const OTHER_COLUMNS = 36;
const MIN_NAME_WIDTH = 12;

/** What `model list` prints. */
export function modelsTable(
  registry: string,
  models: readonly RegisteredModel[],
  now: number,
  { colors, width, cwd }: Style,
): string {
  if (models.length === 0) {
    const where = colors.dim(`in ${shortPath(registry, cwd)}; add one with:`);
    return `no models  ${where} shardmill model add FILE --name NAME`;
  }
  const heads = ['model', 'versions', 'changed', 'aliases'];
  const room = Math.max(MIN_NAME_WIDTH, width - OTHER_COLUMNS);
  const rows = models.map(({ name, versions, aliases, events }) => [
    truncate(name, room),
    String(versions.length),
    distanceText(Date.parse(events.at(-1)?.at ?? ''), now),
    aliases.map(({ alias, version }) => `${alias} ${colors.dim(`@${version}`)}`).join(', ') ||
      colors.dim('none'),
  ]);
  const lines = table(
    [heads.map((head) => colors.dim(head)), ...rows],
    ['left', 'right', 'left', 'left'],
    0,
  );
  return lines.join('\n');
}
