import { createHash } from 'node:crypto';
import { manifestSchema } from '@shardmill/core/schemas';
import { afterEach, expect, test } from 'vitest';
import { type RunningCommand, runOf } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { useLake } from '../support/lake.js';
import { childrenOf } from '../support/processes.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnceIn } from './expect-rows.js';
import { inLake, partsIn } from './lake-job.js';
import { logged, untilLogged } from './process-log.js';
import { inFlightShards } from './in-flight-shards.js';

const place = useWorkplace();
const lake = useLake(place);
const fleet = useFleet(place);

let frozen: readonly number[] = [];
afterEach(() => {
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
});

async function freeze(worker: RunningCommand): Promise<void> {
  frozen = [worker.pid, ...(await childrenOf(worker.pid))];
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
}

function thaw(): void {
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
  frozen = [];
}

/** Has the run finished by others, and then its output overwritten by another run. */
async function finishAndOverwrite(run: string): Promise<string> {
  // The in-flight shards of the frozen worker would else be its own until its lock runs out.
  await fleet.redis.flushAll();
  fleet.worker();
  expect(runOf(await place.shardmill('watch', run, '--json')).rows.scored).toBe(800);
  await expectEveryRowOnceIn(lake, 'out', 800);
  const newer = runOf(
    await place.shardmill('submit', 'job.json', '--mode', 'overwrite', '--wait', '--json'),
  );
  return newer.runId;
}

/** The visible parts are those of the run's manifest, byte for byte, and `_SUCCESS` names it. */
async function expectUntouched(run: string): Promise<void> {
  const store = lake.store('out');
  const text = async (key: string): Promise<string> =>
    Buffer.from((await store.read(key)) ?? []).toString();
  expect(JSON.parse(await text('_SUCCESS'))).toMatchObject({ runId: run });
  const manifest = manifestSchema.parse(JSON.parse(await text(`_shardmill/${run}/manifest.json`)));
  const named = new Map(manifest.parts.map(({ key, sha256 }) => [key, sha256]));
  expect([...(await partsIn(lake)).keys()].toSorted()).toEqual([...named.keys()].toSorted());
  for (const [key, sha256] of named) {
    const bytes = (await store.read(key)) ?? new Uint8Array();
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  }
  await expectEveryRowOnceIn(lake, 'out', 800);
}

test('a worker that wakes up when its run was overwritten leaves the newer result alone', async () => {
  await place.prepare({ rows: 800 });
  const gate = await Gate.before(400, place, await inLake(lake));
  fleet.scheduler('--interval', '1s');
  const late = fleet.worker();
  await fleet.ready(1, 1);
  const run = await fleet.submit();
  await waitFor('the shards at the gate', async () => (await inFlightShards(fleet)).has(3), late);
  await waitFor('the engine at the gate', () => gate.reached, late);
  await freeze(late);
  await gate.open();
  const newer = await finishAndOverwrite(run);

  thaw();
  await untilLogged(late, 'the run of the shard is gone', 2);
  await expectUntouched(newer);
  late.kill('SIGTERM');
  expect((await late.ended).code).toBe(0);
  await expectUntouched(newer);
});

test('a part that arrives in the store later than that is deleted as an orphan', async () => {
  await place.prepare({ rows: 800 });
  const gate = await Gate.before(400, place, await inLake(lake));
  fleet.scheduler('--interval', '1s');
  const late = fleet.worker();
  await fleet.ready(1, 1);
  const run = await fleet.submit();
  await waitFor('the shards at the gate', async () => (await inFlightShards(fleet)).has(3), late);
  const written = lake.proxy.holdNext(
    ({ method, path }) => method === 'PUT' && /\/part-[^/]+-000002-000000\.parquet$/.test(path),
  );
  await gate.open();
  await waitFor('a part on its way', () => written.arrived, late);
  await freeze(late);
  const newer = await finishAndOverwrite(run);

  thaw();
  // It knows by now that the run is gone, and the part is still on its way.
  await waitFor(
    'it to abandon the shard',
    () =>
      logged(late, 'a shard is not ours any more: its lock ran out, or it was taken out').length >
      0,
    late,
  );
  written.release();
  await untilLogged(late, 'the run of the shard is gone', 1);
  late.kill('SIGTERM');
  expect((await late.ended).code).toBe(0);
  await expectUntouched(newer);
});
