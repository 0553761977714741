import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisConnector } from '../connection/connect-redis.js';
import { RedisLink } from '../connection/redis-link.js';
import { redisTarget } from '../connection/redis-target.js';
import type { FleetProcess, SchedulerInfo, WorkerInfo } from './presence.js';
import { RedisPresence } from './redis-presence.js';
import { TestFleet } from '../testing/fleet.js';

let fleet: TestFleet;

beforeEach(async () => {
  fleet = await TestFleet.start();
});

afterEach(() => fleet.close());

const scheduler: SchedulerInfo = {
  kind: 'scheduler',
  id: 'a-1-x',
  host: 'a',
  pid: 1,
  version: '0.1.0',
  startedAt: '2026-07-01T05:00:00.000Z',
  seenAt: 1_800_000_000_000,
  runs: 2,
};

const worker: WorkerInfo = {
  kind: 'worker',
  id: 'b-2-y',
  host: 'b',
  pid: 2,
  version: '0.1.0',
  startedAt: '2026-07-01T05:00:01.000Z',
  seenAt: 1_800_000_000_000,
  pool: 'cpu',
  state: 'taking',
  concurrency: 4,
  residentBytes: 2 ** 31,
  rowsPerSecond: 250_000.5,
  shardsDone: 12,
  providers: ['cpu'],
  tasks: [
    {
      run: 'r1',
      shard: 3,
      startedAt: '2026-07-01T05:10:00.000Z',
      scored: 10,
      rejected: 1,
      filtered: 0,
    },
  ],
  refusals: [
    { round: 'r2.0', shards: 4, code: 'LOCATION_FORBIDDEN', reason: 'not below /data/results' },
  ],
};

describe('presence', () => {
  it('lists who has announced itself, as it said last', async () => {
    const [presence, reader] = [(await fleet.join()).presence(), (await fleet.join()).presence()];
    const draining: FleetProcess = { ...worker, state: 'draining', tasks: [] };
    for (const one of [worker, scheduler, draining]) await presence.announce(one);
    expect(await reader.list()).toEqual([scheduler, draining]);
  });

  it('takes a worker of a version that does not tell of refusals for one that refuses nothing', async () => {
    const presence = (await fleet.join()).presence();
    await presence.announce(worker);
    const key = `{shardmill}/processes/${worker.id}`;
    const { refusals: _, ...before } = worker;
    await fleet.server.command('SET', key, JSON.stringify(before));
    expect(await presence.list()).toEqual([{ ...worker, refusals: [] }]);
  });

  it('forgets who says goodbye', async () => {
    const presence = (await fleet.join()).presence();
    await presence.announce(scheduler);
    await presence.announce(worker);
    await presence.leave(scheduler.id);
    expect(await presence.list()).toEqual([worker]);
  });

  it('forgets who is silent, and keeps nothing of it', async () => {
    const target = redisTarget({ url: fleet.server.url });
    const connect = await redisConnector(target, undefined);
    const link = new RedisLink(connect('test'), target.where, () => {});
    const presence = new RedisPresence(link, target.prefix, 400);
    await presence.announce(scheduler);
    expect(await presence.list()).toEqual([scheduler]);
    await expect.poll(() => presence.list()).toEqual([]);
    expect(await fleet.server.command('KEYS', '*')).toBe('');
    link.close();
  });

  it('is silent about a process for no longer than 15 s by default', async () => {
    await (await fleet.join()).presence().announce(scheduler);
    const keptMs = Number(
      await fleet.server.command('PTTL', `{shardmill}/processes/${scheduler.id}`),
    );
    expect(keptMs).toBeGreaterThan(10_000);
    expect(keptMs).toBeLessThanOrEqual(15_000);
  });

  it('passes over what it cannot read', async () => {
    const presence = (await fleet.join()).presence();
    await presence.announce(scheduler);
    await fleet.server.command('SADD', '{shardmill}/processes', 'odd');
    await fleet.server.command('SET', '{shardmill}/processes/odd', '{"kind":"robot"}');
    expect(await presence.list()).toEqual([scheduler]);
  });
});
