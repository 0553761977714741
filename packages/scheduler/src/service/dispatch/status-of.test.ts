import { expect, it } from 'vitest';
import { eventually, withFleet } from '../../testing/service.js';
import { statusOf } from './status-of.js';

it('tells how a run stands from its objects alone', () =>
  withFleet(async (fleet) => {
    const run = await fleet.submit();
    const status = () => statusOf(fleet.registry, fleet.stores, run);
    expect(await status()).toMatchObject({ state: 'submitted', rowsPlanned: 0 });
    const service = fleet.scheduler();
    const queue = fleet.redis.queue();
    await eventually(() => (queue.entries.size === 5 ? true : undefined));
    const [done, failed] = [queue.take(), queue.take()];
    if (done === undefined || failed === undefined) throw new Error('no shard');
    await fleet.score(done);
    await fleet.fail(failed);
    await service.close();
    expect(await status()).toMatchObject({
      state: 'running',
      planRun: run,
      rowsPlanned: 1000,
      rowsDone: 200,
      rowsScored: 198,
      shards: { planned: 5, done: 1, failed: 1, active: 0, waiting: 3 },
    });
    queue.settle(done);
    queue.settle(failed);
    fleet.scheduler();
    fleet.worker();
    await fleet.ended(run);
    expect(await statusOf(fleet.registry, fleet.stores, run)).toMatchObject({
      state: 'failed',
      shards: { done: 4, failed: 1 },
      error: { code: 'INPUT_DAMAGED' },
    });
    await expect(statusOf(fleet.registry, fleet.stores, 'nope')).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
  }));
