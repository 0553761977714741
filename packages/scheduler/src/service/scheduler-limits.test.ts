import { describe, expect, it } from 'vitest';
import { keysOf } from '../testing/run.js';
import { eventually, type Fleet, jobWith, markersGone, withFleet } from '../testing/service.js';
import type { Clock } from './runtime/clock.js';
import { systemClock } from './runtime/clock.js';

/** Each shard of the tests has 10 worker seconds in its record: with this price, each costs 1. */
const rules = { prices: { cpu: 360 } };

/** Waits until all five shards are in the queue, and scores some of them as a worker does. */
async function scoreSome(fleet: Fleet, shards: number): Promise<void> {
  const queue = fleet.redis.queue();
  await eventually(() => (queue.entries.size === 5 ? true : undefined));
  for (let scored = 0; scored < shards; scored++) {
    const message = queue.take();
    if (message === undefined) throw new Error('no shard');
    await fleet.score(message);
    queue.settle(message);
  }
}

const recordsOf = (fleet: Fleet, run: string): Promise<string[]> =>
  keysOf(fleet.store, `_shardmill/${run}/shards/`);

/** A clock that can be set forward. */
function shiftedClock(): Clock & { shiftMs: number } {
  const clock = {
    ...systemClock,
    shiftMs: 0,
    now: (): number => Date.now() + clock.shiftMs,
  };
  return clock;
}

describe('a run with a limit of cost', () => {
  it('is stopped when its shards have cost as much, keeps them, and needs a greater limit to go on', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({ rules });
      const run = await fleet.submit({ job: jobWith(fleet, {}, { limits: { maxCost: 3 } }) });
      await scoreSome(fleet, 3);
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        error: {
          code: 'MAX_COST_REACHED',
          message: `the run has cost 3 (30 s of workers at 360 an hour), limits.maxCost is 3; 3 of 5 shards are done and kept (run ${run})`,
        },
      });
      expect(await recordsOf(fleet, run)).toHaveLength(3);
      await markersGone(fleet);

      const again = { by: 'me', now: new Date(), of: 'failed' } as const;
      const { added } = fleet.redis.queue();
      await fleet.registry.reopen(run, again);
      expect(await fleet.ended(run)).toMatchObject({ error: { code: 'MAX_COST_REACHED' } });
      expect(fleet.redis.queue().added).toBe(added);

      await fleet.registry.reopen(run, { ...again, limits: { maxCost: 9 } });
      fleet.worker();
      expect(await fleet.ended(run)).toMatchObject({ phase: 'finished', round: 2 });
      expect(await recordsOf(fleet, run)).toHaveLength(5);
    }));

  it('is stopped by a scheduler that comes after the one that began it, by the records', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler({ rules });
      const run = await fleet.submit({ job: jobWith(fleet, {}, { limits: { maxCost: 3 } }) });
      await eventually(() => (fleet.redis.queue().entries.size === 5 ? true : undefined));
      await first.close();
      await scoreSome(fleet, 3);
      expect((await fleet.registry.find(run))?.phase).toBe('running');
      fleet.scheduler({ rules });
      expect(await fleet.ended(run)).toMatchObject({ error: { code: 'MAX_COST_REACHED' } });
    }));

  it('finishes where the last shard reaches it: nothing is left to be saved', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({ rules });
      fleet.worker();
      const run = await fleet.submit(
        { job: jobWith(fleet, {}, { limits: { maxCost: 1 } }) },
        { shards: 1 },
      );
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('is refused without a price, before it is planned', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({ rules: { prices: { gpu: 3 } } });
      const run = await fleet.submit({ job: jobWith(fleet, {}, { limits: { maxCost: 3 } }) });
      expect(await fleet.ended(run)).toMatchObject({
        planRun: null,
        error: {
          code: 'PRICE_MISSING',
          message: 'maxCost is 3, and price.workerHour has no price for pool "cpu"',
        },
      });
    }));
});

describe('a run with a limit of time', () => {
  it('is stopped by a scheduler that comes back when the time is over, and has it anew when resumed', () =>
    withFleet(async (fleet) => {
      const clock = shiftedClock();
      const first = fleet.scheduler({ clock });
      const job = jobWith(fleet, {}, { limits: { maxDuration: '2h' } });
      const run = await fleet.submit({ job });
      await scoreSome(fleet, 2);
      await first.close();
      clock.shiftMs += 2 * 3_600_000;
      fleet.scheduler({ clock });
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        error: {
          code: 'MAX_DURATION_REACHED',
          message: expect.stringMatching(
            /^the run has taken 2 h 00 min, limits.maxDuration is 2h; 2 of 5 shards are done and kept/,
          ),
        },
      });
      await markersGone(fleet);
      fleet.worker();
      const now = new Date(clock.now());
      await fleet.registry.reopen(run, { by: 'me', now, of: 'failed' });
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('does not count what it waited for before it was planned', () =>
    withFleet(async (fleet) => {
      const clock = shiftedClock();
      const job = jobWith(fleet, {}, { limits: { maxDuration: '2h' } });
      const run = await fleet.submit({ job });
      clock.shiftMs += 24 * 3_600_000;
      fleet.scheduler({ clock });
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));
});

describe('the manifest', () => {
  it('says what the run has used and what that cost', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({ rules });
      fleet.worker();
      const run = await fleet.submit();
      await fleet.ended(run);
      const bytes = await fleet.store.read(`_shardmill/${run}/manifest.json`);
      expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({
        usage: { pool: 'cpu', workerSeconds: 50, pricePerWorkerHour: 360, cost: 5 },
      });
    }));
});
