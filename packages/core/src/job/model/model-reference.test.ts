import { describe, expect, it } from 'vitest';
import { isModelReference, parseModelReference } from './model-reference.js';

describe('a reference to a registered model', () => {
  it('names a version by its number or by an alias', () => {
    expect(parseModelReference('models:/churn@7')).toEqual({
      name: 'churn',
      selector: { kind: 'version', version: 7 },
    });
    expect(parseModelReference('models:/churn_v2@pre-prod')).toEqual({
      name: 'churn_v2',
      selector: { kind: 'alias', alias: 'pre-prod' },
    });
  });

  it.each([
    'models:/churn',
    'models:/churn/7',
    'models:/churn@',
    'models:/churn@0',
    'models:/churn@07',
    'models:/churn@1@2',
    'models:/../runs@7',
    'models:/Churn@7',
    'models:/@7',
    'models://churn@7',
    'models:churn@7',
    'MODELS:/churn@7',
    `models:/${'x'.repeat(64)}@7`,
  ])('is refused as %s, with its form', (uri) => {
    expect(isModelReference(uri)).toBe(true);
    expect(() => parseModelReference(uri)).toThrow(
      expect.objectContaining({
        code: 'MODEL_NAME_INVALID',
        where: 'model.uri',
        remedy: expect.stringContaining('models:/churn@production'),
      }),
    );
  });

  it('is none where a location only looks a little like it', () => {
    for (const uri of ['./models/churn.onnx', 's3://models/churn@7', 'models/churn.onnx']) {
      expect(isModelReference(uri)).toBe(false);
    }
  });
});
