import type { PlannedShard, Scoring } from '@shardmill/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openDatabase } from '../../packages/worker/dist/duckdb/open-database.js';
import { partSource } from '../../packages/worker/dist/scan/part-source.js';
import { nanExpressions } from '../support/nan-expressions.js';
import { GROUP_ROWS, type NanSample, nanSamples, writeSample } from '../support/nan-samples.js';
import { useWorkplace } from '../support/workplace.js';

/**
 * The rows of a part as every scan of it reads them, without a model: many more conditions than
 * whole runs have time for are held against a table in memory.
 */

const place = useWorkplace('file');

interface Case {
  readonly sample: NanSample;
  readonly filters: readonly string[];
  readonly conditions: readonly string[];
}

const cases: fc.Arbitrary<Case> = nanSamples.chain((sample) => {
  const { filters, conditions } = nanExpressions(sample.writer === 'DuckDB');
  return fc.record({
    sample: fc.constant(sample),
    filters: fc.array(filters, { minLength: 15, maxLength: 15 }),
    conditions: fc.array(conditions, { minLength: 30, maxLength: 30 }),
  });
});

it('a part has the rows and values that its data have in memory, whatever statistics say', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ sample, filters, conditions }) => {
      await writeSample(place, sample);
      const columns = await place.sql('DESCRIBE SELECT * EXCLUDE (p) FROM expected');
      const source = sourceOf(
        sample,
        columns.map((row) => ({
          name: String(row['column_name']),
          type: String(row['column_type']),
        })),
      );
      const database = await openDatabase({
        threads: 1,
        memoryLimitBytes: 256 * 2 ** 20,
        folders: [place.path('data')],
      });
      try {
        const connection = await database.connect();
        const counts = async (query: string): Promise<string> =>
          String((await connection.runAndReadAll(query)).getRows()[0]);
        const inMemory = async (query: string): Promise<string> =>
          String(Object.values((await place.sql(query))[0] ?? {}));
        for (const filter of filters) {
          for (const where of [filter, `(${filter}) IS NOT TRUE`]) {
            const found = await counts(`SELECT count(*) FROM ${source(where)}`);
            const expected = `SELECT count(*) FROM expected AS input WHERE ${where}`;
            expect([where, found]).toEqual([where, await inMemory(expected)]);
          }
        }
        const items = conditions.map((sql, index) => `(${sql}) AS c${index}`).join(', ');
        const trues = conditions.map((_, index) => `count_if(c${index})::INTEGER`).join(', ');
        const found = await counts(`SELECT ${trues} FROM (SELECT ${items} FROM ${source(null)})`);
        const expected = `SELECT ${trues} FROM (SELECT ${items} FROM expected AS input)`;
        expect([conditions, found]).toEqual([conditions, await inMemory(expected)]);
        connection.closeSync();
      } finally {
        database.close();
      }
    }),
    // An interruption while a failing case is made smaller would count as success.
    {
      numRuns: 150,
      interruptAfterTimeLimit: 20_000,
      includeErrorInReport: true,
      endOnFailure: true,
    },
  );
}, 90_000);

/** The rows of a sample as one part. */
function sourceOf(
  sample: NanSample,
  columns: Scoring['input']['columns'],
): (where: string | null) => string {
  const files = ['nan', '7'].slice(0, Math.min(2, sample.groups.length)).map((p, turn) => ({
    uri: place.path(`data/p=${p}/a.parquet`),
    bytes: 0,
    etag: '',
    rows: sample.groups.filter((_, g) => g % 2 === turn).length * GROUP_ROWS[sample.writer],
    layout: 0,
    partition: [p],
  }));
  // Each row group is a slice, so that it is a scan of its own, with its bounds.
  const rows = GROUP_ROWS[sample.writer];
  const slices = sample.groups.map((_, g) => {
    const rowGroup = Math.floor(g / 2);
    return { file: g % 2, firstRow: rowGroup * rows, rows, firstRowGroup: rowGroup, rowGroups: 1 };
  });
  const part = { part: 0, rows: sample.groups.length * rows, slices };
  const shard: PlannedShard = { shard: 0, rows: part.rows, files, parts: [part] };
  const partitionColumns = [{ name: 'p', type: 'VARCHAR' }];
  const all = [...columns, ...partitionColumns];
  const used = all.map(({ name }) => name);
  return (where) => {
    const input = { columns: all, used, layouts: [columns], partitionColumns, where };
    const scoring: Scoring = {
      input,
      model: { uri: '', sha256: '', bytes: 0, externalData: [], inputs: [], outputs: [] },
      features: [],
      transform: null,
      nulls: 'reject',
      output: { uri: '', columns: [], compression: 'zstd', rowGroupRows: 1 },
    };
    return partSource(scoring, shard, part, used, (uri) => uri);
  };
}
