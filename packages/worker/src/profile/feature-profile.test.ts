import type { BoundFeature, NamedState, PlannedProfile } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import type { ColumnView } from '../scan/column-view.js';
import { NULL_CODE } from '../text-tables/text-dictionary.js';
import { FeatureProfile } from './feature-profile.js';
import { partState } from './part-profile.js';

const feature = (input: string, type: BoundFeature['type'], columns: number): BoundFeature => ({
  input,
  type,
  layout: 'scalars',
  width: columns,
  rowShape: [columns],
  columns: Array.from({ length: columns }, (_, i) => ({ label: `${input}${i}`, sql: '' })),
});

const FEATURES = [
  feature('packed', 'float32', 2),
  feature('whole', 'int64', 1),
  feature('city', 'string', 1),
];

/** Of all of them but the first column of the packed one. */
const PROFILE: PlannedProfile = {
  sampling: { every: 1, blockRows: 64 },
  features: [
    { name: 'b', feature: 0, column: 1 },
    { name: 'whole', feature: 1, column: 0 },
    { name: 'city', feature: 2, column: 0 },
  ],
  omitted: 1,
};

const KEYS = BigInt64Array.of(0n, 1n, 2n, 3n);
const SOME_NULL = Uint8Array.of(0b1101);

const numbersView = (
  values: Extract<ColumnView, { kind: 'numbers' }>['values'],
  validity: Uint8Array | null = null,
): ColumnView => ({ kind: 'numbers', values, validity });

function viewsOf(city: ColumnView): ColumnView[] {
  return [
    numbersView(Float32Array.of(9, 9, 9, 9)),
    numbersView(Float32Array.of(1, 2, Number.NaN, 4), SOME_NULL),
    numbersView(BigInt64Array.of(5n, 5n, 7n, -1n)),
    city,
  ];
}

const TEXTS: ColumnView = { kind: 'texts', texts: ['Oslo', undefined, 'Rome', 'Oslo'] };
const CODES: ColumnView = {
  kind: 'codes',
  texts: ['Rome', 'Oslo'],
  codes: Int32Array.of(1, NULL_CODE, 0, 1),
  faulty: true,
};

function profileOf(views: readonly ColumnView[]): {
  readonly rows: number;
  readonly states: Map<string, NamedState['state']>;
} {
  const profile = new FeatureProfile({ profile: PROFILE, files: ['a'] }, FEATURES);
  profile.add(views, KEYS);
  const { sampledRows, features } = partState({ ...profile.finish(), outputs: [] });
  return { rows: sampledRows, states: new Map(features.map(({ name, state }) => [name, state])) };
}

describe('the profile of features', () => {
  it('is of the columns that are planned, with their nulls', () => {
    const { rows, states } = profileOf(viewsOf(TEXTS));
    expect(rows).toBe(4);
    expect([...states.keys()]).toEqual(['b', 'whole', 'city']);
    expect(states.get('b')).toMatchObject({ count: 4, nulls: 1, nan: 1, min: 1, max: 4 });
    expect(states.get('whole')).toMatchObject({
      nulls: 0,
      values: [
        [-1, 1],
        [5, 2],
        [7, 1],
      ],
    });
    expect(states.get('city')).toMatchObject({
      count: 4,
      nulls: 1,
      values: [
        ['Oslo', 2],
        ['Rome', 1],
      ],
    });
  });

  it('is the same of texts as they are and as codes of a dictionary', () => {
    const [texts, codes] = [profileOf(viewsOf(TEXTS)), profileOf(viewsOf(CODES))];
    expect(codes.states.get('city')).toEqual(texts.states.get('city'));
  });
});
