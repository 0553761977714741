import { describe, expect, it } from 'vitest';
import { modelFacts } from '../testing/model-facts.js';
import { compareSignatures, type ModelSignature } from './compare-signatures.js';

type Tensor = ModelSignature['inputs'][number];

const tensor = (name: string, type: Tensor['type'], shape: Tensor['shape']): Tensor => ({
  name,
  type,
  shape,
});

const base: ModelSignature = modelFacts('base', {
  inputs: [tensor('x', 'float32', ['N', 30])],
  outputs: [tensor('p', 'float32', ['N', 2])],
  classes: { p: ['no', 'yes'] },
});

/** What of each change a table can hold. */
const found = (after: Partial<ModelSignature>, before: Partial<ModelSignature> = {}): unknown[] =>
  compareSignatures({ ...base, ...before }, { ...base, ...after }).map(
    ({ side, name, what, breaks }) => [side, name, what, breaks],
  );

describe('what would break a job', () => {
  it.each<[string, Partial<ModelSignature>, unknown[]]>([
    ['an input that is gone', { inputs: [] }, [['input', 'x', 'removed', true]]],
    [
      'an input that has come',
      { inputs: [...base.inputs, tensor('y', 'float32', ['N', 1])] },
      [['input', 'y', 'added', true]],
    ],
    [
      'another number of features',
      { inputs: [tensor('x', 'float32', ['N', 31])] },
      [['input', 'x', 'shape', true]],
    ],
    [
      'texts instead of numbers',
      { inputs: [tensor('x', 'string', ['N', 30])] },
      [['input', 'x', 'type', true]],
    ],
    [
      'whole numbers instead of others',
      { inputs: [tensor('x', 'int64', ['N', 30])] },
      [['input', 'x', 'type', true]],
    ],
    ['an output that is gone', { outputs: [], classes: {} }, [['output', 'p', 'removed', true]]],
    [
      'another type of an output',
      { outputs: [tensor('p', 'int64', ['N', 2])] },
      [['output', 'p', 'type', true]],
    ],
    [
      'one more class',
      { outputs: [tensor('p', 'float32', ['N', 3])], classes: { p: ['no', 'yes', 'maybe'] } },
      [
        ['output', 'p', 'shape', true],
        ['output', 'p', 'classes', true],
      ],
    ],
    [
      'classes in another order',
      { classes: { p: ['yes', 'no'] } },
      [['output', 'p', 'classes', true]],
    ],
    [
      'an output that is no tensor any more',
      { outputs: [{ name: 'p', type: 'non-tensor' }] },
      [['output', 'p', 'type', true]],
    ],
  ])('%s', (_what, after, changes) => {
    expect(found(after)).toEqual(changes);
  });
});

describe('what breaks no job', () => {
  it.each<[string, Partial<ModelSignature>, unknown[]]>([
    ['another name of the batch', { inputs: [tensor('x', 'float32', ['batch', 30])] }, []],
    ['a double', { inputs: [tensor('x', 'float64', ['N', 30])] }, [['input', 'x', 'type', false]]],
    [
      'one more output',
      { outputs: [...base.outputs, tensor('q', 'float32', ['N', 1])] },
      [['output', 'q', 'added', false]],
    ],
    [
      'an open dimension',
      { inputs: [tensor('x', 'float32', ['N', 'F'])] },
      [['input', 'x', 'shape', false]],
    ],
    ['nothing', {}, []],
  ])('%s', (_what, after, changes) => {
    expect(found(after)).toEqual(changes);
  });

  it('one value of a row, with or without a dimension of its own', () => {
    const [flat, column] = [tensor('x', 'float32', ['N']), tensor('x', 'float32', ['N', 1])];
    expect(found({ inputs: [column] }, { inputs: [flat] })).toEqual([
      ['input', 'x', 'shape', false],
    ]);
  });
});
