import { expect, test, vi } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { runOf } from '../support/command.js';
import { useLake } from '../support/lake.js';
import { useWorkplace } from '../support/workplace.js';

// Five runs, each a process of its own.
vi.setConfig({ testTimeout: 300_000 });

const place = useWorkplace();
const lake = useLake(place);
const RUN = ['run', 'job.json', '--json'] as const;

test('a table of Delta Lake in S3 is appended to, overwritten, and read at a version, with checkpoints', async () => {
  await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
  await place.writeParquet('data/a.parquet', 'SELECT i AS id, i::FLOAT AS f FROM range(40) r(i)');
  const write = async (mode: 'append' | 'overwrite', where: string) => {
    const columns = { id: 'id', score: 'f_out' };
    await place.writeJob({
      features: {},
      input: { uri: 'data', where },
      output: { uri: lake.uri('table'), table: 'delta', mode, columns },
    });
    return runOf(await place.shardmill(...RUN)).rows.scored;
  };
  // Made by another program, with a checkpoint for every other commit.
  const fields = [
    { name: 'id', type: 'long', nullable: true, metadata: {} },
    { name: 'score', type: 'float', nullable: true, metadata: {} },
  ];
  const metaData = {
    id: 'made-elsewhere',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify({ type: 'struct', fields }),
    partitionColumns: [],
    configuration: { 'delta.checkpointInterval': '2' },
  };
  const protocol = { minReaderVersion: 1, minWriterVersion: 2 };
  const log = (version: number, ending: string): string =>
    `table/_delta_log/${String(version).padStart(20, '0')}.${ending}`;
  await lake.write(
    log(0, 'json'),
    Buffer.from(`${JSON.stringify({ protocol })}\n${JSON.stringify({ metaData })}\n`),
  );
  expect(await write('append', 'id < 10')).toBe(10);
  expect(await write('append', 'id >= 10')).toBe(30);
  // The log goes on from the checkpoint of version 2, and needs no commit before it.
  const table = lake.store('table');
  const hint = Buffer.from((await table.read('_delta_log/_last_checkpoint')) ?? []).toString();
  // Protocol, columns, two transactions and two files.
  expect(JSON.parse(hint)).toMatchObject({ version: 2, size: 6, numOfAddFiles: 2 });
  for (const version of [0, 1, 2]) {
    await table.delete(log(version, 'json').slice('table/'.length));
  }
  expect(await write('overwrite', 'id = 5')).toBe(1);
  const read = async (version?: number) => {
    await place.writeJob({
      features: { f: 'score' },
      input: { uri: lake.uri('table'), ...(version !== undefined && { version }) },
      output: { uri: 'again', mode: 'overwrite', columns: { id: 'id' } },
    });
    return runOf(await place.shardmill(...RUN)).rows.scored;
  };
  expect(await read()).toBe(1);
  expect(await read(2)).toBe(40);
});
