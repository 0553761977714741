import type { BoundFeature } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { overBudgetRemedy } from './over-budget-remedy.js';

const feature = (type: 'float32' | 'int64'): BoundFeature => ({
  input: 'x',
  type,
  layout: 'scalars',
  width: 1,
  rowShape: [1],
  columns: [{ label: 'f0', sql: 'f0' }],
});
const remedyOf = (
  reason: string,
  type: 'float32' | 'int64' = 'float32',
  nulls: 'reject' | 'nan' = 'reject',
): string => overBudgetRemedy({ [reason]: 3 }, { features: [feature(type)], nulls });

describe('what to do about too many rejected rows', () => {
  it('is to give NaN to the model or to fill the gaps, before the budget is spoken of', () => {
    const remedy = remedyOf('feature x: "f0" is null');
    expect(remedy).toMatch(/nulls: 'nan'.*coalesce\(f0, 0\).*--max-rejected-rows/);
    expect(remedyOf('feature x: "f0" is null or out of range')).toBe(remedy);
  });

  it('is not NaN where the model takes whole numbers, or where NaN is given already', () => {
    for (const remedy of [
      remedyOf('feature x: "f0" is null', 'int64'),
      remedyOf('feature x: "f0" is null', 'float32', 'nan'),
    ]) {
      expect(remedy).toMatch(/coalesce\(f0, 0\).*--max-rejected-rows/);
      expect(remedy).not.toContain("nulls: 'nan'");
    }
  });

  it('is to look at the rows where something else is behind it', () => {
    expect(remedyOf('model: indices out of bounds')).toMatch(/^Look at the rejected rows/);
    expect(overBudgetRemedy(undefined, { features: [], nulls: 'reject' })).toMatch(/^Look/);
  });
});
