import type { BoundFeature } from '@shardmill/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { feature } from '../testing/views.js';
import { groupFeeds } from './group-feeds.js';
import { type GroupResult, joinGroups } from './join-groups.js';
import { RowGroups } from './row-groups.js';
import { TokenRows } from './token-rows.js';
import { TEXT_FAULTS, type TokensView } from './tokens-view.js';

const made = (tokens: 'ids' | 'mask' | 'types'): BoundFeature => ({
  ...feature('int64', 'tokens', 9),
  input: tokens,
  tokens,
});
const FEATURES = [
  made('ids'),
  made('mask'),
  made('types'),
  { ...feature('float32'), input: 'own' },
];

function viewOf(texts: readonly (readonly number[])[]): TokensView {
  let end = 0;
  return {
    kind: 'tokens',
    ids: Int32Array.from(texts.flat()),
    types: Uint8Array.from(texts.flat(), (id) => id % 2),
    offsets: Int32Array.from([0, ...texts.map((ids) => (end += ids.length))]),
    faults: new Uint8Array(texts.length),
    rules: { maxLength: 9, tooLong: 'truncate' },
  };
}

function tokensOf(texts: readonly (readonly number[])[]): TokenRows {
  const tokens = new TokenRows(texts.length);
  for (const row of texts.keys()) tokens.add(viewOf(texts), row);
  return tokens;
}

/** Sums the ids under the mask, and hands on what is no token. */
function sumTokens(feeds: readonly BatchTensor[], rows: number): BatchTensor[] {
  const [ids, mask, types, own] = feeds;
  if (ids === undefined || mask === undefined || types === undefined || own === undefined)
    return [];
  const sums = (values: BatchTensor): Float32Array =>
    Float32Array.from({ length: rows }, (_, row) => {
      let sum = 0;
      for (let at = row * values.width; at < (row + 1) * values.width; at++) {
        sum += Number(values.data[at]) * Number(mask.data[at]);
      }
      return sum;
    });
  const output = (name: string, data: Float32Array): BatchTensor => ({
    name,
    type: 'float32',
    rowShape: [],
    width: 1,
    data,
  });
  return [output('ids', sums(ids)), output('types', sums(types)), { ...own, name: 'own' }];
}

const texts = fc.array(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 9 }), {
  minLength: 1,
  maxLength: 60,
});

describe('texts that are scored in calls of rows of about the same length', () => {
  it('have their results at their own places', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), fc.nat(100), (rows, limit, paddingId) => {
        const own = Float32Array.from(rows.keys());
        const column: BatchTensor = {
          name: 'own',
          type: 'float32',
          rowShape: [],
          width: 1,
          data: own,
        };
        const source = {
          features: FEATURES,
          feeds: FEATURES.map(() => column),
          tokens: tokensOf(rows),
          text: {},
          paddingId,
        };
        const groups = new RowGroups(Int32Array.from(rows, (ids) => ids.length));
        const results: GroupResult[] = [];
        for (;;) {
          const group = groups.next({ tokens: limit });
          if (group === undefined) break;
          const outputs = sumTokens(groupFeeds(source, group), group.rows.length);
          results.push({ rows: group.rows, outputs, failures: [] });
        }
        const [ids, types, handedOn] = joinGroups(results, rows.length).outputs;
        const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        expect([...(ids?.data ?? [])]).toEqual(rows.map(sum));
        expect([...(types?.data ?? [])]).toEqual(rows.map((row) => sum(row.map((id) => id % 2))));
        expect([...(handedOn?.data ?? [])]).toEqual([...own]);
      }),
      { numRuns: 100 },
    );
  });

  it('are padded to the longest of their call, or to what the model fixes', () => {
    const tokens = tokensOf([[5, 6], [7]]);
    const source = { features: FEATURES.slice(0, 2), feeds: [], tokens, paddingId: 3 };
    const group = { rows: Int32Array.of(1, 0), length: 2 };
    const [ids, mask] = groupFeeds({ ...source, text: {} }, group);
    expect(ids).toMatchObject({ rowShape: [2], data: BigInt64Array.of(7n, 3n, 5n, 6n) });
    expect(mask?.data).toEqual(BigInt64Array.of(1n, 0n, 1n, 1n));
    const [fixed] = groupFeeds({ ...source, text: { fixedLength: 3 } }, group);
    expect(fixed).toMatchObject({ rowShape: [3], data: BigInt64Array.of(7n, 3n, 3n, 5n, 6n, 3n) });
  });

  it('name the rows that failed by their places in the batch', () => {
    const calls = [
      { rows: Int32Array.of(4, 2), outputs: [], failures: [{ row: 0, message: 'a' }] },
      { rows: Int32Array.of(1, 3), outputs: [], failures: [{ row: 1, message: 'b' }] },
    ];
    expect(joinGroups(calls, 5).failures).toEqual([
      { row: 3, message: 'b' },
      { row: 4, message: 'a' },
    ]);
  });
});

describe('the tokens of a batch', () => {
  it('count the rows whose text was cut', () => {
    const view = { ...viewOf([[1], [2], [3]]), faults: Uint8Array.of(0, TEXT_FAULTS.tooLong, 0) };
    const tokens = new TokenRows(3);
    for (const row of [0, 1, 2]) tokens.add(view, row);
    expect(tokens.truncated).toBe(1);
  });
});
