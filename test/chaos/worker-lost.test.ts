import { beforeEach, describe, expect, test } from 'vitest';
import { type RunningCommand, runOf } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnce } from './expect-rows.js';
import { logged, untilLogged } from './process-log.js';
import { inFlightShards } from './in-flight-shards.js';

const place = useWorkplace();
const fleet = useFleet(place);

let run: string;
let gate: Gate;
let first: RunningCommand;

/** A worker with both shards of a run, which go no further until the gate is open. */
beforeEach(async () => {
  await place.prepare({ rows: 400 });
  gate = await Gate.before(0, place);
  fleet.scheduler();
  first = await startWorker();
  run = await fleet.submit();
  await waitFor('both shards in one hand', async () => (await holders()).length === 2, first);
});

async function startWorker(): Promise<RunningCommand> {
  const worker = fleet.worker();
  await untilLogged(worker, 'taking shards');
  return worker;
}

const holders = async (): Promise<string[]> => [...(await inFlightShards(fleet)).values()];

/** Milliseconds until another worker has all shards. */
async function untilTaken(from: readonly string[], by: RunningCommand): Promise<number> {
  const began = performance.now();
  await waitFor(
    'another to have both shards',
    async () => {
      const now = await holders();
      return now.length === 2 && now.every((holder) => !from.includes(holder));
    },
    by,
  );
  return performance.now() - began;
}

async function expectFinished(...workers: readonly RunningCommand[]): Promise<void> {
  await gate.open();
  expect(runOf(await place.shardmill('watch', run, '--json')).rows.scored).toBe(400);
  await expectEveryRowOnce(place, 400);
  for (const worker of workers) {
    expect(logged(worker, 'shard will be tried again')).toEqual([]);
  }
}

describe('the shards of a worker', () => {
  test('that gets SIGTERM are in the hands of another within a second', async () => {
    const took: number[] = [];
    const workers = [first];
    // The best of some: a machine that is busy may add to each.
    for (let round = 0; round < 3; round++) {
      const before = await holders();
      const leaving = workers.at(-1);
      const next = await startWorker();
      workers.push(next);
      leaving?.kill('SIGTERM');
      took.push(await untilTaken(before, next));
      expect((await leaving?.ended)?.code).toBe(0);
    }
    expect(Math.min(...took)).toBeLessThan(1000);
    await expectFinished(...workers);
  });

  test('that is killed are in the hands of another within 30 seconds', async () => {
    const before = await holders();
    const next = await startWorker();
    first.kill('SIGKILL');
    expect(await untilTaken(before, next)).toBeLessThan(30_000);
    await expectFinished(first, next);
  });
});
