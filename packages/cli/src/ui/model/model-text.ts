import type { ShownModel, ShownVersion } from '@shardmill/client/models';
import { modelReport } from '../model-report.js';
import { distanceText } from '../schedule/time-text.js';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { fieldLines, optionalField, table, truncate } from '../text/text-layout.js';

/** What the other columns take. */
const OTHER_COLUMNS = 54;
const MIN_NOTE_WIDTH = 12;

/** What `model show NAME` prints. */
export function modelText(
  { model, versions }: ShownModel,
  now: number,
  { colors, width }: Style,
): string {
  const heads = (names: readonly string[]): string[] => names.map((name) => colors.dim(name));
  const room = Math.max(MIN_NOTE_WIDTH, width - OTHER_COLUMNS);
  return [
    `model ${colors.bold(model.name)}`,
    '',
    ...(model.aliases.length === 0
      ? [
          `  ${colors.dim('no aliases; set one with:')} shardmill model promote ${model.name}@VERSION`,
        ]
      : table([
          heads(['alias', 'version', 'set', 'by']),
          ...model.aliases.map(({ alias, version, at, by }) => [
            alias,
            String(version),
            distanceText(Date.parse(at), now),
            by,
          ]),
        ])),
    '',
    ...table([
      heads(['version', 'sha256', 'added', 'by', 'note']),
      ...versions.map(({ version, file, at, by, note }) => [
        String(version),
        file.sha256.slice(0, 12),
        distanceText(Date.parse(at), now),
        by,
        truncate(note ?? '', room),
      ]),
    ]),
  ].join('\n');
}

/** What `model show NAME@VERSION` prints. */
export function modelVersionText(version: ShownVersion, style: Style): string {
  const { name, aliases, file, copied, source, at, by, note, externalData } = version;
  const { colors, cwd, width } = style;
  const fields = fieldLines(
    [
      ['added', `${at} by ${by}`],
      ...optionalField('note', note),
      ['aliases', aliases.join(', ') || colors.dim('none')],
      [copied ? 'copied from' : 'referred to', shortPath(source, cwd)],
    ],
    colors.dim,
    width,
  );
  const { version: number, classes, ...facts } = version;
  const report = modelReport(
    { ...facts, ...file, externalData, zipMaps: classes, metadata: {}, operators: [] },
    style,
  );
  return [colors.bold(`${name}@${number}`), '', ...fields, '', report].join('\n');
}
