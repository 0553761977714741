import { changeText, type ModelDifference, type ShownVersion } from '@shardmill/client/models';
import type { Style } from '../text/style.js';
import { wrapText } from '../text/text-layout.js';

/** What `model diff` prints. */
export function modelDiffText(
  { before, after, same, changes }: ModelDifference,
  { colors, width }: Style,
): string {
  const side = ({ name, version, file }: ShownVersion): string =>
    `${colors.bold(`${name}@${version}`)} ${colors.dim(file.sha256.slice(0, 12))}`;
  const breaking = changes.filter(({ breaks }) => breaks).length;
  return [
    `${side(before)}  →  ${side(after)}`,
    '',
    ...changes.map((change) => {
      const mark = change.breaks ? colors.red('✗') : colors.green('✓');
      const text = `${changeText(change)}: ${change.why}`;
      return `  ${mark} ${wrapText(text, width, 4)}`;
    }),
    ...(changes.length > 0 ? [''] : []),
    verdict(),
  ].join('\n');

  function verdict(): string {
    if (same) return 'both are the same files';
    if (changes.length === 0) return 'inputs and outputs are the same; the models are not';
    return breaking === 0
      ? 'no job breaks'
      : `${breaking === 1 ? 'one difference' : `${breaking} differences`} may break a job`;
  }
}
