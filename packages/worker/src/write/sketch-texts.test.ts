import { describeProfile, ProfileMerger } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { sampleScoring } from '../testing/sample-scoring.js';
import { useDatabase } from '../testing/use-database.js';
import { readBack, readBackFiles } from './read-back.js';

const { connection, pathOf } = useDatabase();

const COLUMNS = [
  { name: 'label', type: 'VARCHAR', sql: "CASE WHEN score > 0 THEN 'yes' ELSE 'no' END" },
  { name: 'prose', type: 'VARCHAR', sql: "repeat('ä', 200) || score" },
];
const scoring = sampleScoring({ uri: '/x', bytes: 1 });
const withColumns = (columns: typeof COLUMNS, partitionBy?: string[]) => ({
  ...scoring,
  output: { ...scoring.output, columns, ...(partitionBy !== undefined && { partitionBy }) },
});

async function write(name: string, select: string): Promise<string> {
  const file = pathOf(`${name}.parquet`);
  await connection().run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
  return file;
}

const rowsOf = (from: number, to: number): string =>
  `SELECT CASE WHEN i % 5 = 0 THEN NULL WHEN i % 2 = 0 THEN 'yes' ELSE 'no' END AS label,
     repeat('ä', 200) || i AS prose FROM range(${from}, ${to}) AS t(i)`;

const place = { shard: 0, part: 0 };

describe('texts that a job computes', () => {
  it('have a profile, the same however their rows are divided', async () => {
    const merger = new ProfileMerger();
    for (const [from, to] of [
      [600, 1000],
      [0, 600],
    ] as const) {
      const file = await write(`${from}`, rowsOf(from, to));
      const { outputs } = await readBack(connection(), file, withColumns(COLUMNS), place);
      merger.add({ sampledRows: 0, features: [], outputs });
    }
    const whole = await readBack(
      connection(),
      await write('whole', rowsOf(0, 1000)),
      withColumns(COLUMNS),
      place,
    );
    const state = merger.finish();
    expect(state.outputs).toEqual(whole.outputs);
    const { outputs } = describeProfile(
      { runId: 'r', digest: 'd', job: { name: 'j', params: {} }, scoring: withColumns(COLUMNS) },
      { sampling: { every: 1, blockRows: 64 }, features: [], omitted: 0 },
      state,
    );
    expect(outputs.columns).toMatchObject([
      {
        name: 'label',
        type: 'VARCHAR',
        kind: 'text',
        count: 1000,
        nulls: 200,
        distinct: { count: 2, exact: true },
        minLength: 2,
        maxLength: 3,
        meanLength: 2.5,
        top: [
          { value: 'no', count: 400 },
          { value: 'yes', count: 400 },
        ],
      },
      { name: 'prose', count: 1000, nulls: 0, minLength: 201, maxLength: 203, top: null },
    ]);
    const [, prose] = outputs.columns;
    expect(Math.abs((prose?.distinct.count ?? 0) / 1000 - 1)).toBeLessThan(0.1);
  });

  it('have one where they divide the rows into files, which lack them', async () => {
    const files = [
      { path: await write('p1', 'SELECT 1.5 AS x FROM range(7)'), values: { label: 'yes' } },
      { path: await write('p2', 'SELECT 1.5 AS x FROM range(3)'), values: { label: null } },
    ];
    const columns = [...COLUMNS.slice(0, 1), { name: 'x', type: 'DOUBLE', sql: 'score' }];
    const { outputs } = await readBackFiles(
      connection(),
      files,
      withColumns(columns, ['label']),
      place,
    );
    expect(outputs.find(({ name }) => name === 'label')?.state).toMatchObject({
      count: 10,
      nulls: 3,
      values: [['yes', 7]],
    });
  });

  it('have none where they are only handed on', async () => {
    const handedOn = [{ name: 'label', type: 'VARCHAR', sql: 'a' }];
    const file = await write('handed', "SELECT 'x' AS label");
    const input = { ...scoring.input, columns: [{ name: 'a', type: 'VARCHAR' }] };
    const { outputs } = await readBack(
      connection(),
      file,
      { ...withColumns(handedOn), input },
      place,
    );
    expect(outputs).toEqual([]);
  });
});
