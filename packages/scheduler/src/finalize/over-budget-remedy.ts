import { ERRORS, type Plan } from '@shardmill/core';
import { nullRemedy } from '../plan/columns/null-remedy.js';

/**
 * What to do about more rejected rows than are allowed. Where nulls are behind it, the way to score
 * these rows comes before the budget.
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
  const isFloat = gaps.some(({ input }) =>
    features.some((feature) => feature.input === input && feature.type.startsWith('float')),
  );
  return `${nullRemedy(first.column, isFloat, nulls)} ${remedy}`;
}
