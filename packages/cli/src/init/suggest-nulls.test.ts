import { describe, expect, it } from 'vitest';
import type { KnownColumn } from './known-column.js';
import { suggestNulls } from './suggest-nulls.js';

const inputs = [{ name: 'x', type: 'float32' as const, shape: [-1, 2] }];
const model = (operators: string[], producer = 'OnnxMLTools') => ({ inputs, operators, producer });
const gap: KnownColumn = { name: 'a', type: 'DOUBLE', nulls: 7 };
const full: KnownColumn = { name: 'b', type: 'DOUBLE', nulls: 0 };

describe('NaN for nulls', () => {
  it('is set for trees that were boosted, and for a model that imputes', () => {
    for (const found of [
      suggestNulls(model(['TreeEnsembleClassifier']), [gap, full]),
      suggestNulls(model(['Imputer', 'Gemm'], 'skl2onnx'), [gap, full]),
    ]) {
      expect(found).toMatchObject({ key: 'nulls', value: 'nan', off: false });
      expect(found?.comment).toContain('CHECK, rows without a value: a (7).');
    }
  });

  it('is only proposed for trees of scikit-learn', () => {
    const found = suggestNulls(model(['TreeEnsembleRegressor'], 'skl2onnx'), [gap]);
    expect(found).toMatchObject({ value: 'nan', off: true });
  });

  it('is not where there are no nulls, no trees, or no floats', () => {
    expect(suggestNulls(model(['TreeEnsembleRegressor']), [full])).toBeUndefined();
    expect(suggestNulls(model(['Gemm']), [gap])).toBeUndefined();
    const whole = [{ name: 'x', type: 'int64' as const, shape: [-1] }];
    expect(suggestNulls({ ...model(['TreeEnsemble']), inputs: whole }, [gap])).toBeUndefined();
  });
});
