import type { ShownVersion } from '@shardmill/client/models';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { fieldLines } from '../text/text-layout.js';

/** What `model add` prints. */
export function addedText(
  { name, version, by, at, file, copied, note }: ShownVersion,
  { added, notices }: { readonly added: boolean; readonly notices: readonly string[] },
  { colors, cwd, width }: Style,
): string {
  const reference = `${name}@${version}`;
  const what = added
    ? 'was added'
    : `is this model already, added by ${by} at ${at}: nothing was changed`;
  return [
    `${colors.green('✓')} ${colors.bold(reference)} ${what}`,
    ...fieldLines(
      [
        ['sha256', file.sha256],
        [copied ? 'copied to' : 'lies at', shortPath(file.uri, cwd)],
        ...(note === null ? [] : [['note', note] as const]),
        ['in a job', `model: { uri: 'models:/${reference}' }`],
        ['next', `shardmill model promote ${reference}`],
      ],
      colors.dim,
      width,
    ),
    ...notices.map((notice) => colors.yellow(notice)),
  ].join('\n');
}
