import { describe, expect, it } from 'vitest';
import type { LaneBatch } from '../../lane/pool-lane.js';
import { BatchBuilder, FeedPool } from '../../scan/batch-builder.js';
import { feature } from '../../testing/views.js';
import type { TokensView } from '../../text/tokens-view.js';
import { type BatchRules, submitBatch } from './submit-batch.js';

const ROWS = 60;
/** Tokens of each row: 1 to 12, in no order. */
const LENGTHS = Int32Array.from({ length: ROWS }, (_, row) => 1 + ((row * 7) % 12));
const IDS = { ...feature('int64', 'tokens', 12), input: 'ids', tokens: 'ids' } as const;

function batchOfTexts() {
  const builder = new BatchBuilder(new FeedPool([IDS], ROWS), 'reject');
  const offsets = new Int32Array(ROWS + 1);
  for (const [row, length] of LENGTHS.entries()) offsets[row + 1] = (offsets[row] ?? 0) + length;
  const total = offsets[ROWS] ?? 0;
  const view: TokensView = {
    kind: 'tokens',
    ids: new Int32Array(total).fill(5),
    types: new Uint8Array(total),
    offsets,
    faults: new Uint8Array(ROWS),
    rules: { maxLength: 12, tooLong: 'truncate' },
  };
  builder.add([view], BigInt64Array.from(LENGTHS.keys(), BigInt), 0, ROWS);
  return builder.finish();
}

/** The calls of one batch, as rows and tokens of each row with those that fill it up. */
async function callsOf(
  change: Partial<BatchRules>,
  callRows: number | undefined,
): Promise<readonly { readonly rows: number; readonly length: number }[]> {
  const calls: { rows: number; length: number }[] = [];
  const submit = async ({ rows, unitsPerRow = 1 }: LaneBatch) => {
    calls.push({ rows, length: unitsPerRow });
    const scored = { outputs: [], failures: [], milliseconds: 1, scoredBy: [] };
    return { result: Promise.resolve(scored) };
  };
  const rules: BatchRules = {
    features: [IDS],
    outputs: [],
    text: {
      tokenizer: { uri: 'tokenizer.json', sha256: '', bytes: 1 },
      maxLength: 12,
      tooLong: 'truncate',
    },
    paddingId: 0,
    undivided: false,
    maxCallRows: undefined,
    maxCallTokens: undefined,
    reuse: () => {},
    onCall: () => {},
    ...change,
  };
  const { result } = await submitBatch(
    { submit, calls: { rows: callRows } },
    batchOfTexts(),
    rules,
  );
  await result;
  return calls;
}

const rowsOf = (calls: readonly { readonly rows: number }[]): number =>
  calls.reduce((sum, { rows }) => sum + rows, 0);

describe('the calls of a batch of texts', () => {
  it('have the tokens that were found to be fastest, and each row is in one of them', async () => {
    const calls = await callsOf({}, 48);
    expect(rowsOf(calls)).toBe(ROWS);
    expect(calls.every(({ rows, length }) => rows * length <= 48)).toBe(true);
    // Long rows and short ones: as many tokens, and so other numbers of rows.
    expect(new Set(calls.map(({ rows }) => rows)).size).toBeGreaterThan(2);
  });

  it('have the tokens that the job gives in their place', async () => {
    const calls = await callsOf({ maxCallTokens: 24 }, undefined);
    expect(rowsOf(calls)).toBe(ROWS);
    expect(calls.every(({ rows, length }) => rows * length <= 24)).toBe(true);
    expect(calls[0]).toEqual({ rows: 2, length: 12 });
  });

  it('have one row at least, and no more of them than the job gives', async () => {
    const calls = await callsOf({ maxCallTokens: 4, maxCallRows: 3 }, undefined);
    expect(rowsOf(calls)).toBe(ROWS);
    expect(calls[0]).toEqual({ rows: 1, length: 12 });
    expect(Math.max(...calls.map(({ rows }) => rows))).toBe(3);
  });
});
