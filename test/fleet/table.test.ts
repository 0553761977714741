import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { openLineageFaults } from '@shardmill/test-kit';
import { afterEach, expect, test, vi } from 'vitest';
import { runOf } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { waitFor } from '../support/wait.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');

afterEach(() => vi.unstubAllEnvs());

/** The whole lines of a file; none where it is not there yet. */
const linesOf = async (file: string): Promise<string[]> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);

const FIELDS = { id: 'long', a: 'double', b: 'double', c: 'double' };
const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: Object.entries(FIELDS).map(([name, type]) => ({
    name,
    type,
    nullable: true,
    metadata: {},
  })),
});

/** A table whose first commits are in a checkpoint alone: one file was removed, one is there, one came later. */
async function writeTable(): Promise<void> {
  await place.writeParquet('lake/removed.parquet', numbered(10, 1000));
  await place.writeParquet('lake/early.parquet', numbered(300));
  await place.writeParquet('lake/late.parquet', numbered(200, 300));
  const size = async (name: string): Promise<number> => (await stat(place.path('lake', name))).size;
  const add = `{path: 'early.parquet', partitionValues: MAP {}::MAP(VARCHAR, VARCHAR), size: ${await size('early.parquet')}::BIGINT, modificationTime: 1::BIGINT, dataChange: true}`;
  const metaData = `{id: 'f00d', format: {provider: 'parquet', options: MAP {}::MAP(VARCHAR, VARCHAR)}, schemaString: '${SCHEMA}', partitionColumns: []::VARCHAR[], configuration: MAP {}::MAP(VARCHAR, VARCHAR), createdTime: 1::BIGINT}`;
  await mkdir(place.path('lake', '_delta_log'), { recursive: true });
  await place.writeParquet(
    'lake/_delta_log/00000000000000000001.checkpoint.parquet',
    `SELECT {minReaderVersion: 1, minWriterVersion: 2} AS protocol, ${metaData} AS metaData, NULL AS add
     UNION ALL BY NAME SELECT ${add} AS add`,
  );
  const late = {
    path: 'late.parquet',
    partitionValues: {},
    size: await size('late.parquet'),
    modificationTime: 1,
    dataChange: true,
  };
  await writeFile(
    place.path('lake', '_delta_log', '00000000000000000002.json'),
    `${JSON.stringify({ add: late })}\n`,
  );
}

test('a fleet reads a table of which it needs a checkpoint, and commits one of its own', async () => {
  await place.prepare();
  await writeTable();
  await place.writeJob({
    input: { uri: 'lake' },
    output: {
      uri: 'scores',
      table: 'delta',
      mode: 'append',
      columns: { id: 'id', score: 'score' },
    },
    plan: { partRows: 100 },
  });
  const events = place.path('events.ndjson');
  vi.stubEnv('OPENLINEAGE_URL', `file://${events}`);
  await fleet.start(1);
  const submit = ['submit', 'job.json', '--run-key', 'night', '--wait', '--json'];
  const first = runOf(await place.shardmill(...submit));
  expect(first.rows).toMatchObject({ read: 500, scored: 500 });
  await waitFor('the last event of lineage', async () => (await linesOf(events)).length === 3);
  const sent = (await linesOf(events)).map((line) => JSON.parse(line));
  expect(sent.map(({ eventType }) => eventType)).toEqual(['START', 'RUNNING', 'COMPLETE']);
  expect(sent.flatMap((event) => openLineageFaults(event))).toEqual([]);
  expect(sent[2]).toMatchObject({
    inputs: [{ name: place.path('lake'), facets: { version: { datasetVersion: '2' } } }, {}],
    outputs: [{ name: place.path('scores'), facets: { version: { datasetVersion: '0' } } }],
  });
  // A step that is tried again finds the same run, and commits nothing.
  expect(first.table).toEqual({ format: 'delta', version: 0 });
  const { runId, table } = runOf(await place.shardmill(...submit));
  expect({ runId, table }).toEqual({ runId: first.runId, table: first.table });
  const log = place.path('scores', '_delta_log');
  expect(await readdir(log)).toEqual(['00000000000000000000.json']);
  const text = await readFile(
    place.path('scores', '_delta_log', '00000000000000000000.json'),
    'utf8',
  );
  const actions = text.trim().split('\n');
  expect(actions.filter((line) => line.startsWith('{"add"'))).toHaveLength(first.parts);
  expect(
    actions.filter((line) => line.includes(first.runId) && line.startsWith('{"txn"')),
  ).toHaveLength(1);
  expect(await place.results('count(DISTINCT id) AS ids, max(id) AS last', 'scores')).toEqual([
    { ids: 500, last: 499 },
  ]);
});
