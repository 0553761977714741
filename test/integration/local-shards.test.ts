// A local run works shards as a worker of a fleet does: what is stored of failed shards, and which
// failures are not the shards' own.
import { readdir, readFile } from 'node:fs/promises';
import { shardFailureSchema } from '@shardmill/core/schemas';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../support/command.js';
import { Gate } from '../support/gate.js';
import { useLake } from '../support/lake.js';
import { runIds } from '../support/output-folder.js';
import { waitFor } from '../support/wait.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const lake = useLake(place);
const RUN = ['run', 'job.json', '--json'] as const;

async function storedFailures() {
  const [run = ''] = await runIds(place.path('out'));
  const folder = place.path('out/_shardmill', run, 'failed');
  const files = (await readdir(folder, { recursive: true }).catch(() => [])).filter((name) =>
    name.endsWith('.json'),
  );
  return Promise.all(
    files.map(async (name) => {
      const text = await readFile(`${folder}/${name}`, 'utf8');
      return { text, failure: shardFailureSchema.parse(JSON.parse(text)) };
    }),
  );
}

async function partsInLake(): Promise<number> {
  return [...(await lake.objects('out')).keys()].filter((key) => key.startsWith('part-')).length;
}

describe('a shard that fails for good', () => {
  const failing = {
    plan: { partRows: 100, shardParts: 1 },
    output: {
      uri: 'out',
      columns: {
        ...usualJob.output.columns,
        n: "CASE WHEN id = 250 THEN 'x' ELSE '1' END::INTEGER",
      },
    },
  };

  test('leaves all its attempts in the store, and each start of the run its own', async () => {
    await place.prepare({ rows: 400, job: failing });
    expect(refusalOf(await place.shardmill(...RUN)).code).toBe('EXPRESSION_FAILED');
    const first = await storedFailures();
    expect(first).toHaveLength(1);
    expect(first[0]?.failure).toMatchObject({
      shard: 2,
      round: 0,
      code: 'EXPRESSION_FAILED',
      story: [{ worker: 'local', error: { code: 'EXPRESSION_FAILED' } }],
    });
    expect(refusalOf(await place.shardmill(...RUN)).code).toBe('EXPRESSION_FAILED');
    const both = await storedFailures();
    expect(both.map(({ failure }) => failure.shard)).toEqual([2, 2]);
    expect(new Set(both.map(({ failure }) => failure.round)).size).toBe(2);
    expect(both.map(({ text }) => text)).toContain(first[0]?.text);
  });
});

describe('a store that stops answering in the middle', () => {
  test('spends no attempt of a shard, and the run goes on when it answers again', async () => {
    await place.prepare({ rows: 800 });
    await lake.upload('data/a.parquet');
    await lake.upload('model.onnx');
    const gate = await Gate.before(400, place, {
      ...usualJob,
      input: { uri: lake.uri('data') },
      model: { uri: lake.uri('model.onnx') },
      output: { ...usualJob.output, uri: lake.uri('out') },
      transform: { columns: ['id', 'a', 'b', 'c'], module: 'gate.mjs' },
      plan: { partRows: 100, shardParts: 1 },
      errors: { attempts: 1 },
    });
    const run = place.start('run', 'job.json', '--s3-retry-for', '100ms');
    await waitFor('the gate', () => gate.reached, run);
    await waitFor('the parts before it', async () => (await partsInLake()) >= 3, run);
    lake.proxy.setFaults({ reset: 1 });
    await gate.open();
    await waitFor(
      'the store to be waited for',
      () => /waiting\s+for\s+the\s+store/.test(run.stderr),
      run,
    );
    lake.proxy.setFaults({ reset: 0 });
    expect(await run.ended).toMatchObject({ code: 0 });
    await lake.download('out', 'downloaded');
    const scores = `read_parquet('${place.path('downloaded')}/*.parquet')`;
    expect(
      await place.sql(`SELECT count(*) AS n, count(DISTINCT id) AS ids FROM ${scores}`),
    ).toEqual([{ n: 800, ids: 800 }]);
    const keys = [...(await lake.objects('out')).keys()];
    expect(keys.filter((key) => key.includes('/failed/'))).toEqual([]);
  });
});
