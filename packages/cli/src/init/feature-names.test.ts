import { describe, expect, it } from 'vitest';
import { areNumbered, namesFiles, namesOfFile, namesOfMetadata } from './feature-names.js';

describe('names of the columns of a training', () => {
  it('are in the metadata, as JSON or with commas', () => {
    expect(namesOfMetadata({ feature_names: '["a", "b c"]' })).toEqual({
      names: ['a', 'b c'],
      source: "the model's metadata, feature_names",
    });
    expect(namesOfMetadata({ other: 'x', columns: 'a, b' })?.names).toEqual(['a', 'b']);
    expect(namesOfMetadata({ other: '["a"]' })).toBeUndefined();
  });

  it.each([
    ['a list', 'feature_names.json', '["b", "a"]'],
    ['an object', 'features.json', '{"feature_names": ["b", "a"]}'],
    ['lines', 'feature_names.txt', 'b\r\na\n'],
    ['XGBoost', 'model.json', '{"learner": {"feature_names": ["b", "a"]}, "version": [3, 2, 0]}'],
    ['LightGBM', 'model.txt', 'tree\nversion=v4\nmax_feature_idx=1\nfeature_names=b a\nTree=0\n'],
    [
      'CatBoost',
      'model.json',
      JSON.stringify({
        features_info: {
          float_features: [{ feature_id: 'a', flat_feature_index: 1 }],
          categorical_features: [{ feature_id: 'b', flat_feature_index: 0 }],
        },
      }),
    ],
    [
      'MLflow',
      'MLmodel',
      `signature:\n  inputs: '[{"name": "b", "type": "double"}, {"name": "a", "type": "long"}]'\n`,
    ],
  ])('are those of a file of %s', (_, file, text) => {
    expect(namesOfFile(file, text)).toEqual({ names: ['b', 'a'], source: file });
  });

  it.each([
    ['no JSON', 'model.json', 'x'],
    ['other JSON', 'model.json', '{"a": 1}'],
    ['no names', 'model.json', '{"learner": {"feature_names": []}}'],
    ['names twice', 'feature_names.json', '["a", "a"]'],
    ['other text', 'model.txt', 'a\nb'],
    ['an MLmodel without a signature', 'MLmodel', 'flavors: {}'],
    ['no YAML', 'MLmodel', '{'],
  ])('are not in a file with %s', (_, file, text) => {
    expect(namesOfFile(file, text)).toBeUndefined();
  });

  it('are looked for beside the model, also under its own name', () => {
    expect(namesFiles('churn.v2.onnx')).toEqual([
      'feature_names.json',
      'feature_names.txt',
      'features.json',
      'churn.v2.json',
      'churn.v2.txt',
      'model.json',
      'model.txt',
      'MLmodel',
    ]);
  });

  it('say nothing where they are only numbered', () => {
    expect(areNumbered(['f0', 'f1'])).toBe(true);
    expect(areNumbered(['Column_0', 'Column_1'])).toBe(true);
    expect(areNumbered(['0', '1'])).toBe(true);
    expect(areNumbered(['f0', 'age'])).toBe(false);
  });
});
