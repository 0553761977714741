import type { EvaluationDocument } from '@shardmill/client/document-schemas';
import { formatCount, plural } from '../text/format.js';

/** How many rows have found each other. */
export function joinedText({ rows }: Pick<EvaluationDocument, 'rows'>): string {
  const { joined, results, labels } = rows;
  return `${formatCount(joined)} of ${plural(results, 'row')} of the result, and of ${plural(labels, 'label')}`;
}

/** Which rows are in no measure, and what share of their side they are. */
export function missingText({ rows }: Pick<EvaluationDocument, 'rows'>): string {
  const { results, labels, withoutLabel, withoutResult, nullKeys, nullLabels, joined } = rows;
  const all: (readonly [count: number, whole: number, what: string])[] = [
    [withoutLabel, results, 'of the result without a label'],
    [withoutResult, labels, 'of the labels without a result'],
    [nullKeys.results, results, 'of the result without a key'],
    [nullKeys.labels, labels, 'of the labels without a key'],
    [nullLabels, joined, 'with a label that is null or no finite number'],
  ];
  return all
    .filter(([count]) => count > 0)
    .map(([count, whole, what]) => `${plural(count, 'row')} ${what} (${shareText(count, whole)})`)
    .join('; ');
}

function shareText(part: number, whole: number): string {
  const percent = (100 * part) / Math.max(whole, 1);
  return percent < 0.05 ? 'under 0.1%' : `${percent.toFixed(1)}%`;
}
