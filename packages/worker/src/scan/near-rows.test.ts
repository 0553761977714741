import type { PlannedShard, Scoring } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { sampleScoring } from '../testing/sample-scoring.js';
import { nearRows } from './near-rows.js';

const local = (uri: string): string => uri;

interface Change {
  readonly firstRow?: number;
  readonly rows?: number;
  readonly ofFile?: number;
  readonly etag?: string;
  readonly type?: string;
  readonly slices?: number;
  readonly pathOf?: (uri: string) => string;
}

function near(change: Change = {}): ReturnType<typeof nearRows> {
  const { firstRow = 0, rows = 1000, ofFile = 100_000, etag = 'e', type = 'BIGINT' } = change;
  const layout = [
    { name: 'a', type: 'FLOAT' },
    { name: 'b', type },
    { name: 'c', type: 'VARCHAR[]' },
  ];
  const sample = sampleScoring({ uri: '/x', bytes: 1 });
  const scoring: Scoring = {
    ...sample,
    input: { ...sample.input, columns: layout, used: ['b', 'a'], layouts: [layout] },
  };
  const slice = { file: 0, firstRow, rows, firstRowGroup: 0, rowGroups: 1 };
  const part = { part: 0, rows, slices: Array.from({ length: change.slices ?? 1 }, () => slice) };
  const shard: PlannedShard = {
    shard: 0,
    rows,
    files: [{ uri: '/in.parquet', bytes: 9, etag, rows: ofFile, layout: 0, partition: [] }],
    parts: [part],
  };
  return nearRows(scoring, shard, part, change.pathOf ?? local, 'near');
}

describe('rows around a small part', () => {
  it('are loaded with the columns that are used, and those alone', () => {
    const { load, source } = near({ firstRow: 17_000 }) ?? {};
    expect(load).toContain('CREATE OR REPLACE TABLE near AS SELECT c1, c0, file_row_number');
    expect(load).toContain("FROM read_parquet(['/in.parquet']");
    expect(load).toContain('BETWEEN 16384 AND 36863');
    expect(source).toContain('FROM near AS file WHERE file_row_number BETWEEN 17000 AND 17999');
    expect(source).not.toContain('read_parquet');
  });

  it('are the same for parts next to each other, of one state of a file', () => {
    expect(near({ firstRow: 1000 })?.key).toBe(near()?.key);
    expect(near({ firstRow: 16_000 })?.key).toBe(near()?.key);
    expect(near({ firstRow: 17_000 })?.key).not.toBe(near()?.key);
    expect(near({ etag: 'other' })?.key).not.toBe(near()?.key);
  });

  it('end with the file', () => {
    expect(near({ firstRow: 99_000 })?.load).toContain('BETWEEN 98304 AND 99999');
  });

  it.each<[string, Change]>([
    ['larger parts', { rows: 4097 }],
    ['parts of several pieces', { slices: 2 }],
    ['small files', { ofFile: 16_383 }],
    ['files of which only a part is here', { pathOf: (uri) => `/staged${uri}` }],
    ['values that may be of any size', { type: 'FLOAT[]' }],
  ])('are not read for %s', (_, change) => {
    expect(near(change)).toBeUndefined();
  });
});
