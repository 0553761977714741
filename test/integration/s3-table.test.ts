import { expect, test, vi } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { runOf } from '../support/command.js';
import { useLake } from '../support/lake.js';
import { useWorkplace } from '../support/workplace.js';

// Five runs, each a process of its own.
vi.setConfig({ testTimeout: 180_000 });

const place = useWorkplace();
const lake = useLake(place);
const RUN = ['run', 'job.json', '--json'] as const;

test('a table of Delta Lake in S3 is appended to, overwritten, and read at a version', async () => {
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
  expect(await write('append', 'id < 10')).toBe(10);
  expect(await write('append', 'id >= 10')).toBe(30);
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
  expect(await read(1)).toBe(40);
});
