import { existsSync } from 'node:fs';
import { FleetRedis, shardId, type ShardQueue } from '@shardmill/queue';
import { type RedisServer, startRedisServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Gate } from '../support/gate.js';
import { partFacts } from '../support/output-folder.js';
import { type PlannedRun, planRun } from '../support/planned-run.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { waitFor } from '../support/wait.js';
import { WorkerProcess } from '../support/worker-process.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

let server: RedisServer;
let redis: FleetRedis;
let queue: ShardQueue;
let workers: WorkerProcess[];
let gate: Gate;
let run: PlannedRun;

beforeEach(async () => {
  workers = [];
  server = await startRedisServer();
  redis = await FleetRedis.open({ url: server.url });
  queue = redis.shardQueue('cpu');
  await place.prepare({ rows: 800 });
  gate = await Gate.before(0, place);
  run = await planRun(place, gate.job);
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.end()));
  await redis.close();
  await server.close();
});

function startWorker(name: string, graceMs = 25_000): WorkerProcess {
  const cacheFolder = place.path('cache');
  const worker = WorkerProcess.start({
    redis: server.url,
    id: name,
    cacheFolder,
    graceMs,
    state: place.path('state'),
  });
  workers.push(worker);
  return worker;
}

const states = () => queue.states(run.messages.map(shardId));
const howMany = async (state: string): Promise<number> =>
  (await states()).filter((one) => one === state).length;

async function expectEveryRowOnce(): Promise<void> {
  expect((await run.finalize()).rows).toMatchObject({ read: 800, scored: 800 });
  expect(await place.results('count(*) AS n, count(DISTINCT id) AS ids')).toEqual([
    { n: 800, ids: 800 },
  ]);
}

/** Two workers with two shards each, none of which gets on. */
async function twoWorkers(): Promise<[WorkerProcess, WorkerProcess]> {
  await queue.add(run.messages.slice(0, 2), 50);
  const first = startWorker('first');
  await waitFor('the first worker to begin', () => first.says('an engine has opened the run'));
  await queue.add(run.messages.slice(2), 50);
  const second = startWorker('second');
  await waitFor('the second worker to begin', () => second.says('an engine has opened the run'));
  await waitFor('all shards in flight', async () => (await howMany('active')) === 4);
  return [first, second];
}

describe('a worker process', () => {
  test('that gets SIGTERM hands its shards back within a second, and no attempt is spent', async () => {
    const [first, second] = await twoWorkers();
    const engines = await childrenOf(first.pid);
    const began = Date.now();
    first.kill('SIGTERM');
    await waitFor('its shards in the queue', async () => (await howMany('waiting')) === 2);
    expect(Date.now() - began).toBeLessThan(1000);
    expect(await first.ended).toBe(0);
    expect(engines.filter(isAlive)).toEqual([]);
    expect(first.count('shard handed back')).toBe(2);
    await gate.open();
    await waitFor('the end', async () => (await howMany('absent')) === 4);
    await expectEveryRowOnce();
    expect(second.count('shard done')).toBe(4);
    for (const worker of [first, second]) {
      expect(worker.count('shard will be tried again')).toBe(0);
      expect(worker.count('shard failed')).toBe(0);
    }
    expect((await redis.presence().list()).map(({ id }) => id)).toEqual(['second']);
  });

  test('that is killed leaves its shards to another within 30 seconds', async () => {
    const [first, second] = await twoWorkers();
    const engines = await childrenOf(first.pid);
    const began = Date.now();
    first.kill('SIGKILL');
    await gate.open();
    await waitFor('the end', async () => (await howMany('absent')) === 4);
    expect(Date.now() - began).toBeLessThan(30_000);
    await waitFor('the end of its engine', () => !engines.some(isAlive));
    await expectEveryRowOnce();
    expect(second.count('shard done')).toBe(4);
    expect((await partFacts(place.path('out'))).size).toBe(8);
  });

  test('that is killed takes its engine along, even one that is stuck', async () => {
    await place.write(
      'stuck.mjs',
      `import { writeFileSync } from 'node:fs';
      export default (batch) => {
        for (const id of batch.getChild('id')) {
          if (id === 50n) writeFileSync(${JSON.stringify(place.path('is-stuck'))}, '');
          while (id === 50n);
        }
        return batch;
      };`,
    );
    const transform = { columns: ['id', 'a', 'b', 'c'], module: 'stuck.mjs' };
    const stuck = await planRun(place, { transform, output: { uri: 'x', columns: { id: 'id' } } });
    await queue.add(stuck.messages, 50);
    const worker = startWorker('only');
    await waitFor('its engine to be stuck', () => existsSync(place.path('is-stuck')));
    const engines = await childrenOf(worker.pid);
    expect(engines).toHaveLength(1);
    worker.kill('SIGKILL');
    await waitFor('the end of its engine', () => !engines.some(isAlive));
  });

  test('goes on when Redis has lost everything, and the shards are added again', async () => {
    const [first, second] = await twoWorkers();
    await server.flushAll();
    await waitFor(
      'both to abandon them',
      () => first.count('shard abandoned') + second.count('shard abandoned') === 4,
    );
    await gate.open();
    await queue.add(run.messages, 50);
    await waitFor('the end', async () => (await howMany('absent')) === 4);
    await expectEveryRowOnce();
  });
});
