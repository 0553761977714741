import type { Plan } from '@shardmill/core';

/**
 * How rows with a null in a feature can be scored after all: a model of trees that was trained with
 * gaps wants NaN for them.
 * @param column one that has nulls.
 * @param isFloat whether an input of floats takes such a column.
 */
export function nullRemedy(
  column: string,
  isFloat: boolean,
  nulls: Plan['scoring']['nulls'],
): string {
  const filled = /^\w+$/.test(column) ? column : 'x';
  const fill = `fill them in SQL with what the training used, for example coalesce(${filled}, 0)`;
  return isFloat && nulls !== 'nan'
    ? `If the model takes NaN for a missing value, as XGBoost, LightGBM and CatBoost do, set nulls: 'nan'; else ${fill}.`
    : `To score rows with nulls, ${fill}.`;
}
