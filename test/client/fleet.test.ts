import { type FleetClient, openFleet, type RunEvent, ShardmillError } from 'shardmill';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { waitFor } from '../support/wait.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');
let client: FleetClient;
beforeAll(async () => {
  await fleet.start(1);
  // The configuration in the workplace says where Redis is.
  client = await openFleet({}, { base: place.path() });
});
afterAll(() => client.close());

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: unknown) => (error instanceof ShardmillError ? error.code : String(error)),
  );

test('a submitted run is followed to its end, and found by its id afterwards', async () => {
  await place.prepare({ rows: 5000 });
  const run = await client.submit(usualJob, { output: 'first', runKey: 'first' });
  expect(run.attached).toBe(false);
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event);
  expect(events.at(-1)).toEqual({ kind: 'ended', state: 'finished' });
  expect(events.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
  const { runId, output, manifest } = await run.wait();
  expect({ runId, output }).toEqual({ runId: run.id, output: place.path('first') });
  expect(manifest.rows.scored).toBe(5000);

  const again = await client.submit(usualJob, { output: 'first', runKey: 'first' });
  expect([again.id, again.attached]).toEqual([run.id, true]);
  const found = await client.run(run.id.slice(0, -2));
  expect(await found.status()).toMatchObject({ run: run.id, state: 'finished', rowsDone: 5000 });
  expect((await client.runs()).map((listed) => listed.run)).toContain(run.id);
  expect((await client.processes()).map(({ kind }) => kind).toSorted()).toEqual([
    'scheduler',
    'worker',
  ]);
});

test('a run is cancelled, and goes on when it is resumed', async () => {
  await place.prepare({ rows: 800 });
  const gate = await Gate.before(400, place);
  const run = await client.submit('job.json', { output: 'second' });
  await waitFor('the gate', () => gate.reached);
  const stop = new AbortController();
  const waiting = codeOf(run.wait({ signal: stop.signal }));
  stop.abort();
  expect(await waiting).toBe('INTERRUPTED');
  expect((await run.status()).endedAt).toBeNull();

  await run.cancel();
  expect(await codeOf(run.wait())).toBe('RUN_CANCELLED');
  expect(await codeOf(run.retry())).toBe('RUN_STATE');
  await gate.open();
  await run.resume();
  expect((await run.wait()).manifest.rows.scored).toBe(800);
  expect(await codeOf(run.cancel())).toBe('RUN_STATE');
});

test('a run that fails rejects with its error; retry tries its failed shards again', async () => {
  await place.prepare({ rows: 100 });
  const fixed = JSON.stringify(place.path('fixed'));
  await place.write(
    'hook.mjs',
    `import { existsSync } from 'node:fs';
export default (batch) => {
  if (batch.numRows > 0 && !existsSync(${fixed})) throw new Error('not today');
  return batch;
};`,
  );
  const transform = { columns: ['a', 'b', 'c'], module: 'hook.mjs' };
  const job = { ...usualJob, transform, errors: { attempts: 1 } };
  const run = await client.submit(job, { output: 'third' });
  expect(await codeOf(run.wait())).toBe('TRANSFORM_FAILED');
  expect((await run.status()).failures).toHaveLength(1);
  await place.write('fixed', '');
  await run.retry();
  expect((await run.wait()).manifest.rows.scored).toBe(100);
  expect((await run.status()).round).toBe(1);
});

test('a run that is not there is no handle', async () => {
  expect(await codeOf(client.run('20200101T000000Z-00000000'))).toBe('RUN_NOT_FOUND');
});
