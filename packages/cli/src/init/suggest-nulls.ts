import type { ModelDescription } from '@shardmill/core';
import { formatCount } from '../ui/text/format.js';
import { type KnownColumn, nullsOf } from './known-column.js';
import type { Entry } from './outline.js';

/** Columns that are listed at most. */
const MAX_LISTED = 6;

/**
 * NaN for nulls, where columns that the model uses have some and the model takes NaN for a missing
 * value: trees of XGBoost, LightGBM and CatBoost do, as Python gives it to them for the nulls of the
 * same file, and so does scikit-learn's imputer. Trees of scikit-learn may: then it is only proposed.
 */
export function suggestNulls(
  { inputs, operators, producer }: Pick<ModelDescription, 'inputs' | 'operators' | 'producer'>,
  used: readonly KnownColumn[],
): Entry | undefined {
  const gaps = used.filter((column) => nullsOf(column) > 0);
  if (gaps.length === 0 || !inputs.some(({ type }) => type.startsWith('float'))) return undefined;
  const trees = operators.some((name) => name.startsWith('TreeEnsemble'));
  const imputes = operators.includes('Imputer');
  if (!trees && !imputes) return undefined;
  const shown = gaps
    .slice(0, MAX_LISTED)
    .map((column) => `${column.name} (${formatCount(nullsOf(column))})`);
  const rest = gaps.length > shown.length ? `, and ${gaps.length - shown.length} more` : '';
  const certain = imputes || !/^skl2onnx/i.test(producer);
  const why = imputes
    ? 'The model fills missing values in by itself, and takes NaN for them.'
    : 'Models of trees take NaN for a missing value, if they were trained with it.';
  return {
    key: 'nulls',
    value: 'nan',
    gap: true,
    off: !certain,
    comment: `CHECK, rows without a value: ${shown.join(', ')}${rest}. ${why}\nElse fill them in, with coalesce(x, 0) or what the training used. The default, 'reject', keeps such rows aside.`,
  };
}
