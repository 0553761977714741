import type { Scoring, TensorInfo } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { whyNotSinglePass } from './eligibility.js';

const input: TensorInfo = { name: 'features', type: 'float32', shape: ['N', 2] };
const output: TensorInfo = { name: 'score', type: 'float32', shape: ['N', 1] };
const feature: Scoring['features'][number] = {
  input: 'features',
  type: 'float32',
  layout: 'scalars',
  width: 2,
  rowShape: [2],
  columns: [
    { label: 'a', sql: '(a)' },
    { label: 'b', sql: '(b)' },
  ],
};

interface Change {
  readonly used?: string[];
  readonly inputs?: TensorInfo[];
  readonly outputs?: TensorInfo[];
  readonly features?: Scoring['features'];
  readonly columns?: Readonly<Record<string, string>>;
  readonly transform?: Scoring['transform'];
  readonly rowsPerCall?: number;
  readonly challenger?: Partial<Challenger['model']>;
}

type Challenger = NonNullable<Scoring['challengers']>[number];

const challengerOf = (model: Scoring['model'], features: Scoring['features']): Challenger => ({
  name: 'next',
  model,
  features,
  share: 1,
  rows: null,
  compared: [],
  rankEvery: 1,
});

function fits(change: Change = {}): string | undefined {
  const { used = ['id', 'a', 'b'], columns = { id: 'id', score: 'score' } } = change;
  const model: Scoring['model'] = {
    uri: 'm',
    sha256: '',
    bytes: 1,
    externalData: [],
    inputs: change.inputs ?? [input],
    outputs: change.outputs ?? [output],
    ...(change.rowsPerCall !== undefined && { rowsPerCall: change.rowsPerCall }),
  };
  return whyNotSinglePass({
    input: {
      columns: [],
      used,
      layouts: [],
      partitionColumns: [],
      where: null,
    },
    model,
    ...(change.challenger !== undefined && {
      challengers: [challengerOf({ ...model, ...change.challenger }, [feature])],
    }),
    features: change.features ?? [feature],
    transform: change.transform ?? null,
    nulls: 'reject',
    output: {
      uri: 'out',
      columns: Object.entries(columns).map(([name, sql]) => ({ name, sql, type: 'FLOAT' })),
      compression: 'zstd',
      rowGroupRows: 1000,
    },
  });
}

const named = (name: string): TensorInfo[] => [{ ...output, name }];

describe('a single pass fits', () => {
  it.each<[string, Change]>([
    ['numbers in and a number out', {}],
    ['an open width, and lists out', { outputs: [{ ...output, shape: ['N', 'K'] }] }],
    ['whole numbers', { outputs: [{ ...output, type: 'int64', shape: ['N'] }] }],
    ["a column that is used and has an output's name", { used: ['id', 'SCORE'] }],
    ['a list of features', { features: [{ ...feature, layout: 'list' }] }],
    ['an expression over the score', { columns: { band: "IF(model.Score > 1, 'a', 'b')" } }],
    [
      'two outputs that differ in case, by their names in SQL',
      { outputs: [output, ...named('Score')], columns: { x: '_shardmill_output_1' } },
    ],
    ['an output whose name needs quotes', { outputs: named('a"b'), columns: { x: '"a""b"' } }],
    ['a challenger', { challenger: {} }],
  ])('%s', (_, change) => {
    expect(fits(change)).toBeUndefined();
  });
});

describe('a single pass does not fit', () => {
  it.each<[string, Change, string]>([
    ['a fixed batch dimension', { inputs: [{ ...input, shape: [4, 2] }] }, 'fixed batch'],
    [
      'a challenger with a fixed batch dimension',
      { challenger: { inputs: [{ ...input, shape: [4, 2] }] } },
      'fixed batch',
    ],
    ['half floats out', { outputs: [{ ...output, type: 'float16' }] }, '"score" is float16'],
    ['megabytes of features', { features: [{ ...feature, width: 1e5 }] }, 'too wide'],
    ['an input column named model', { used: ['Model'] }, 'is named "model"'],
    ['an output named model', { outputs: named('Model') }, 'is named "model"'],
    ['an output column named model', { columns: { model: 'score' } }, 'is named "model"'],
    ['a result without the model', { columns: { id: 'id' } }, 'no column uses'],
    [
      'a transform',
      { transform: { module: 'm', export: 'function', sha256: '', columns: [] } },
      'transform',
    ],
  ])('%s', (_, change, why) => {
    expect(fits(change)).toContain(why);
  });
});

it('is not for calls whose rows the job fixes', () => {
  expect(fits({ rowsPerCall: 2048 })).toBe('the job fixes the rows of a call');
});
