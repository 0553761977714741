import { shardRecordKey } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { keysOf } from '../testing/run.js';
import { eventually, markersGone, withFleet } from '../testing/service.js';

describe('a run with shards that fail', () => {
  it('ends after the others are done, with the reason, and is finished by another round', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      let fixed = false;
      fleet.worker(async (message) =>
        message.shard === 3 && !fixed ? fleet.fail(message) : fleet.score(message),
      );
      const run = await fleet.submit();
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        error: {
          code: 'INPUT_DAMAGED',
          message: 'shard 3 is bad (1 of 5 shards failed, the others are done and kept)',
        },
      });
      const records = await keysOf(fleet.store, `_shardmill/${run}/shards/`);
      expect(records).toHaveLength(4);
      fixed = true;
      const before = fleet.redis.queue().added;
      await fleet.registry.reopen(run, { by: 'me', now: new Date(), of: 'failed' });
      expect(await fleet.ended(run)).toMatchObject({ phase: 'finished', round: 1 });
      expect(fleet.redis.queue().added - before).toBe(1);
    }));

  it.each([
    { why: 'that is requested', failFast: true, code: 'INPUT_DAMAGED' as const },
    {
      why: 'every other shard would fail, too',
      failFast: false,
      code: 'PROVIDER_MISSING' as const,
    },
  ])('ends at once where $why, and its shards leave the queue', ({ failFast, code }) =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit({ failFast }, { shards: 40 });
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 16 ? true : undefined));
      const message = queue.take();
      if (message === undefined) throw new Error('no shard');
      await fleet.fail(message, code);
      queue.settle(message);
      expect(await fleet.ended(run)).toMatchObject({
        error: {
          code,
          message: expect.stringContaining('1 of 40 shards failed, the others are given up'),
        },
      });
      await markersGone(fleet);
      expect(queue.entries.size).toBe(0);
    }),
  );

  it('is over its budget, and finishes with another one without scoring again', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      fleet.worker((message) => fleet.score(message, true));
      const run = await fleet.submit();
      expect(await fleet.ended(run)).toMatchObject({ error: { code: 'REJECTED_OVER_BUDGET' } });
      const { added } = fleet.redis.queue();
      const options = { by: 'me', now: new Date(), maxRejectedRows: '20%', of: 'failed' } as const;
      await fleet.registry.reopen(run, options);
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(fleet.redis.queue().added).toBe(added);
    }));

  it('leaves no failure to a run that adopts its plan', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      let fixed = false;
      fleet.worker(async (message) =>
        message.shard === 3 && !fixed ? fleet.fail(message) : fleet.score(message),
      );
      const first = await fleet.submit();
      expect((await fleet.ended(first)).phase).toBe('failed');
      fixed = true;
      const second = await fleet.submit();
      expect(await fleet.ended(second)).toMatchObject({ phase: 'finished', planRun: first });
    }));

  it('works a shard once more whose record is gone', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      for (let i = 0; i < 4; i++) {
        const message = queue.take();
        if (message === undefined) throw new Error('no shard');
        await fleet.score(message);
        queue.settle(message);
      }
      await fleet.store.delete(shardRecordKey(run, 1));
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));
});

describe('cancelling', () => {
  it('takes shards out of the queue, in-flight ones too, and resuming finishes the run', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit({}, { shards: 40 });
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 16 ? true : undefined));
      queue.take();
      await fleet.registry.cancel(run, 'me', new Date());
      expect((await fleet.ended(run)).phase).toBe('cancelled');
      await markersGone(fleet);
      expect(queue.entries.size).toBe(0);
      fleet.worker();
      const options = { by: 'me', now: new Date(), of: 'failed-or-cancelled' } as const;
      await fleet.registry.reopen(run, options);
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('is done by a scheduler that knew nothing of the run', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler();
      const run = await fleet.submit({}, { shards: 40 });
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 16 ? true : undefined));
      await first.close();
      await fleet.registry.cancel(run, 'me', new Date());
      fleet.scheduler();
      expect((await fleet.ended(run)).phase).toBe('cancelled');
      await markersGone(fleet);
      expect(queue.entries.size).toBe(0);
    }));

  it('is not held up by Redis, whose queue is swept when it is back', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      fleet.redis.away = true;
      await fleet.registry.cancel(run, 'me', new Date());
      expect((await fleet.ended(run)).phase).toBe('cancelled');
      expect(await keysOf(fleet.registry.store, 'active/')).not.toEqual([]);
      fleet.redis.away = false;
      await markersGone(fleet);
      expect(queue.entries.size).toBe(0);
    }));

  it('comes too late for a run whose log says that it is finalized', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler();
      fleet.worker();
      const run = await fleet.submit();
      await fleet.ended(run);
      await first.close();
      // As if the scheduler had died before it could say that it is done.
      await fleet.registry.store.delete(`runs/${run}/000004.json`);
      await fleet.registry.store.create(`active/${run}.0`, Buffer.from('{}'));
      await expect(fleet.registry.cancel(run, 'me', new Date())).rejects.toMatchObject({
        code: 'RUN_STATE',
        message: expect.stringContaining('is finalizing: all of its shards are done'),
      });
      fleet.scheduler();
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));
});
