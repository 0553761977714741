import { ERRORS, type Plan } from '@shardmill/core';

/**
 * What to do about more rejected rows than are allowed. Where nulls are behind it, the way to score
 * these rows comes before the budget: a model of trees that was trained with gaps wants NaN for them.
 */
export function overBudgetRemedy(
  reasons: Readonly<Record<string, number>> | undefined,
  { features, nulls }: Pick<Plan['scoring'], 'features' | 'nulls'>,
): string {
  const { remedy } = ERRORS.REJECTED_OVER_BUDGET;
  const gaps = Object.keys(reasons ?? {}).flatMap((reason) => {
    const found = /^feature (.*): "(.*)" is null\b/s.exec(reason);
    return found === null ? [] : [{ input: found[1], column: found[2] ?? '' }];
  });
  const [first] = gaps;
  if (first === undefined) return remedy;
  const filled = /^\w+$/.test(first.column) ? first.column : 'x';
  const fill = `fill them in SQL with what the training used, for example coalesce(${filled}, 0)`;
  const isFloat = gaps.some(({ input }) =>
    features.some((feature) => feature.input === input && feature.type.startsWith('float')),
  );
  const score =
    isFloat && nulls === 'reject'
      ? `If the model takes NaN for a missing value, as XGBoost, LightGBM and CatBoost do, set nulls: 'nan'; else ${fill}.`
      : `To score rows with nulls, ${fill}.`;
  return `${score} ${remedy}`;
}
