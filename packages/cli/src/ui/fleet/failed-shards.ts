import type { ShardFailure } from '@shardmill/core';
import { formatDuration, plural } from '../text/format.js';
import { shortenPaths } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { truncate, wrapText } from '../text/text-layout.js';

/**
 * Shards that failed for good: every attempt with worker, time and error.
 * @param all how many there are.
 * @param where the failures of all of them lie.
 */
export function failedShardLines(
  failures: readonly ShardFailure[],
  all: number,
  where: string | undefined,
  style: Style,
): string[] {
  if (failures.length === 0) return [];
  const { colors, cwd, width } = style;
  const lines: string[] = [''];
  for (const failure of failures) {
    const text = `${failure.code} ${shortenPaths(failure.message, cwd)}`;
    const head = `  ${colors.red('✗')} shard ${failure.shard}  `;
    lines.push(head + wrapText(text, width, 6, `    shard ${failure.shard}  `.length));
    let before: string | undefined;
    for (const [index, attempt] of failure.story.entries()) {
      const took = formatDuration(Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt));
      const when = attempt.endedAt.slice(0, 19).replace('T', ' ');
      const outcome = `${attempt.error.code} ${attempt.error.message}`;
      const same = outcome === before ? 'the same' : truncate(shortenPaths(outcome, cwd), 400);
      const line = `attempt ${index + 1}, ${when}, after ${took}, ${attempt.worker}: ${same}`;
      lines.push(`      ${colors.dim(wrapText(line, width, 8, 6))}`);
      before = outcome;
    }
  }
  const more = all - failures.length;
  if (more > 0) lines.push(`    and ${plural(more, 'more shard', 'more shards')}`);
  if (where !== undefined) lines.push('', `  ${colors.dim('all of them:')} ${where}`);
  return lines;
}
