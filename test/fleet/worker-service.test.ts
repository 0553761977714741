import { existsSync } from 'node:fs';
import { logisticRegression, memoryHog } from '@shardmill/test-kit';
import type { Notice, NoticeSource } from '@shardmill/worker';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryQueue } from '../../packages/worker/src/testing/memory-queue.js';
import { Gate } from '../support/gate.js';
import { partFacts } from '../support/output-folder.js';
import { type PlannedRun, planRun } from '../support/planned-run.js';
import { isAlive, useNewChildren } from '../support/processes.js';
import { TestWorker } from '../support/test-worker.js';
import { waitFor } from '../support/wait.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const newChildren = useNewChildren();
const PLAN = { partRows: 100, shardParts: 2 };

let queue: MemoryQueue;
let workers: TestWorker[];

beforeEach(() => {
  queue = new MemoryQueue();
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
});

function startWorker(change: Parameters<typeof TestWorker.start>[2] = {}): TestWorker {
  const worker = TestWorker.start(place, queue, change);
  workers.push(worker);
  return worker;
}

async function expectEveryRowOnce(run: PlannedRun, rows: number): Promise<void> {
  expect((await run.finalize()).rows).toMatchObject({ read: rows, scored: rows });
  expect(await place.results('count(*) AS n, count(DISTINCT id) AS ids')).toEqual([
    { n: rows, ids: rows },
  ]);
}

const partCount = async (): Promise<number> => (await partFacts(place.path('out'))).size;

describe('a worker', () => {
  test('scores the shards of a run, reports them, and counts', async () => {
    await place.prepare({ rows: 800 });
    const run = await planRun(place, { plan: PLAN });
    const worker = startWorker();
    expect(worker.service.ready()).toEqual({ ready: true, why: 'taking shards' });
    queue.add(...run.messages);
    await waitFor('the end', () => queue.empty);
    expect(queue.outcomes.map(({ outcome }) => outcome.kind)).toEqual(Array(4).fill('settled'));
    expect(worker.events.map((event) => event.kind)).toEqual(Array(4).fill('shard-done'));
    await expectEveryRowOnce(run, 800);
    expect(await worker.metric('shardmill_worker_rows_total{outcome="scored"}')).toBe(800);
    expect(await worker.metric('shardmill_worker_parts_total{how="made"}')).toBe(8);
    expect(await worker.metric('shardmill_worker_shards_total{end="done"}')).toBe(4);
    expect(
      await worker.metric('shardmill_worker_part_seconds_total{step="publish"}'),
    ).toBeGreaterThan(0);
    await waitFor('its presence', () => worker.info?.shardsDone === 4);
    expect(worker.info).toMatchObject({ state: 'taking', pool: 'cpu', concurrency: 2, tasks: [] });
    expect(
      await worker.metric('shardmill_worker_engine_resident_bytes{engine="0"}'),
    ).toBeGreaterThan(1e6);
  });

  test('works on several runs with one engine, and none waits for the end of another', async () => {
    await place.prepare({ rows: 800 });
    const many = await planRun(place, { plan: { partRows: 100, shardParts: 1 } });
    const few = await planRun(place, {
      plan: { partRows: 400, shardParts: 1 },
      output: { uri: 'other', columns: { id: 'id' } },
    });
    startWorker();
    queue.add(...many.messages.slice(0, 3), ...few.messages, ...many.messages.slice(3));
    await waitFor('the end', () => queue.empty);
    await expectEveryRowOnce(many, 800);
    expect((await few.finalize()).rows.read).toBe(800);
    const order = queue.outcomes.map(({ shard, outcome }) => [shard, outcome.kind]);
    expect(order.every(([, kind]) => kind === 'settled')).toBe(true);
  });

  test('replaces an engine in which many runs were opened, between two shards', async () => {
    await place.prepare({ rows: 2000 });
    const run = await planRun(place, { plan: { partRows: 100, shardParts: 1 } });
    // With another limit each, which the log confirms, they are opened one after the other.
    const messages = run.messages.map((message, n) => ({ ...message, partTimeoutMs: 60_000 + n }));
    let asked = 0;
    startWorker({ runs: { facts: async () => messages[asked++] } });
    const first = await newChildren();
    queue.add(...messages);
    await waitFor('the end', () => queue.empty);
    expect(queue.outcomes.map(({ outcome }) => outcome.kind)).toEqual(Array(20).fill('settled'));
    await expectEveryRowOnce(run, 2000);
    expect(first.filter(isAlive)).toEqual([]);
    expect(await newChildren()).toHaveLength(1);
  });

  test('goes on after a run could not be opened', async () => {
    await place.prepare({ rows: 800 });
    const run = await planRun(place, { plan: PLAN });
    const worker = startWorker();
    await place.write('model.onnx', 'another model');
    queue.add(...run.messages.slice(0, 1));
    await waitFor('the end', () => queue.empty);
    expect(await run.failure(0)).toMatchObject({ code: 'MODEL_CHANGED' });
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    queue.add(...run.messages.slice(1));
    await waitFor('the end', () => queue.empty);
    for (const shard of [1, 2, 3]) expect(await run.hasRecord(shard)).toBe(true);
    expect(worker.service.ready().ready).toBe(true);
  });

  test('goes on where another stopped, and makes no part again', async () => {
    await place.prepare({ rows: 800 });
    const gate = await Gate.before(500, place);
    const run = await planRun(place, gate.job);
    const first = startWorker();
    queue.add(...run.messages);
    await waitFor('five parts', async () => (await partCount()) === 5);
    await waitFor('two records', () => queue.outcomes.length === 2);
    const before = await partFacts(place.path('out'));
    await first.service.drain('test', 0);
    await gate.open();
    const second = startWorker();
    await waitFor('the end', () => queue.empty);
    await expectEveryRowOnce(run, 800);
    const after = await partFacts(place.path('out'));
    for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
    expect(await second.metric('shardmill_worker_parts_total{how="resumed"}')).toBe(1);
    const records = await Promise.all(run.messages.map(({ shard }) => run.record(shard)));
    const made = records.flatMap((record) => record?.parts.map((part) => part.made));
    expect(made.filter((times) => times === undefined)).toHaveLength(1);
    for (const times of made.filter((known) => known !== undefined)) {
      expect(times.seconds).toMatchObject({ publish: expect.any(Number) });
      expect(Date.parse(times.endedAt)).toBeGreaterThanOrEqual(Date.parse(times.startedAt));
    }
  });
});

describe('a worker that has to stop', () => {
  test('hands back at once what cannot be finished, spends nothing, and says goodbye', async () => {
    await place.prepare({ rows: 800 });
    const gate = await Gate.before(0, place);
    const run = await planRun(place, gate.job);
    const worker = startWorker();
    queue.add(...run.messages);
    const opened = () => worker.log.some((line) => line.startsWith('an engine has opened'));
    await waitFor('the start of scoring', opened);
    const engines = await newChildren();
    const began = Date.now();
    await worker.service.drain('sigterm', 25_000);
    expect(Date.now() - began).toBeLessThan(1000);
    expect(queue.waiting.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    expect(queue.of(0)).toEqual(['handed-back']);
    expect(worker.service.ready()).toEqual({ ready: false, why: 'sigterm' });
    expect(await worker.service.drained).toBe('sigterm');
    expect(worker.left).toBe(true);
    expect(engines.filter(isAlive)).toEqual([]);
    expect(await worker.metric('shardmill_worker_drains_total{reason="sigterm"}')).toBe(1);
    expect(await run.store.head(`_shardmill/${run.plan.runId}/failed/000000/000000.json`)).toBe(
      undefined,
    );
  });

  test('finishes the parts that it has begun where they fit into the time', async () => {
    await place.prepare({ rows: 3000 });
    await place.write(
      'pause.mjs',
      `import { setTimeout as sleep } from 'node:timers/promises';
      export default async (batch) => { await sleep(200); return batch; };`,
    );
    const run = await planRun(place, {
      transform: { columns: ['id', 'a', 'b', 'c'], module: 'pause.mjs' },
      plan: { partRows: 100, shardParts: 30 },
    });
    const worker = startWorker();
    queue.add(...run.messages);
    // After four parts the worker knows how long a part takes.
    await waitFor('four parts', async () => (await partCount()) >= 4);
    await worker.service.drain('sigterm', 25_000);
    const made = await partCount();
    expect(queue.of(0)).toEqual(['handed-back']);
    expect(made).toBeLessThan(30);
    // Every part that was begun is there: nothing was thrown away.
    expect(await worker.metric('shardmill_worker_parts_total{how="made"}')).toBe(made);
    expect(worker.info?.tasks.at(0)?.scored ?? 0).toBeLessThanOrEqual(made * 100);
    startWorker();
    await waitFor('the end', () => queue.empty);
    await expectEveryRowOnce(run, 3000);
  });

  test('writes the record of a shard whose last part it finishes', async () => {
    await place.prepare({ rows: 600 });
    const gate = await Gate.before(500, place, { plan: { partRows: 100, shardParts: 1 } });
    const run = await planRun(place, gate.job);
    const worker = startWorker();
    queue.add(...run.messages);
    await waitFor('five shards', () => queue.outcomes.length === 5);
    // The beginning of a part is announced within a tenth of this.
    const before = worker.announced;
    await waitFor('a second to pass', () => worker.announced >= before + 2);
    const drained = worker.service.drain('sigterm', 25_000);
    await gate.open();
    await drained;
    expect(queue.of(5)).toEqual(['settled']);
    await expectEveryRowOnce(run, 600);
  });

  test('does so when its cloud gives notice', async () => {
    await place.prepare({ rows: 800 });
    const gate = await Gate.before(0, place);
    const run = await planRun(place, gate.job);
    let give = (_notice: Notice): void => {};
    const source: NoticeSource = {
      name: 'aws',
      watch: async (onNotice, signal) => {
        give = onNotice;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      },
    };
    const worker = startWorker({ notices: [source] });
    queue.add(...run.messages);
    await waitFor('two shards in flight', () => queue.inFlight.length === 2);
    const deadline = Date.now() + 120_000;
    give({ kind: 'interruption', at: Date.now(), deadline, detail: 'spot interruption' });
    expect(await worker.service.drained).toBe('aws interruption');
    expect(queue.waiting).toHaveLength(4);
    expect(
      await worker.metric('shardmill_worker_notices_total{source="aws",kind="interruption"}'),
    ).toBe(1);
  });
});

describe('a shard that was taken out of the queue', () => {
  test('is abandoned, and the next one is scored by the same engine', async () => {
    await place.prepare({ rows: 800 });
    const gate = await Gate.before(600, place);
    const run = await planRun(place, gate.job);
    const worker = startWorker();
    queue.add(...run.messages);
    await waitFor('six parts', async () => (await partCount()) === 6);
    const engines = await newChildren();
    queue.remove(3);
    // The engine can then abandon it, too, before it is stopped for that.
    await gate.open();
    await waitFor('the end', () => queue.empty);
    expect(await run.hasRecord(3)).toBe(false);
    expect(await worker.metric('shardmill_worker_shards_total{end="abandoned"}')).toBe(1);
    const [, , , last] = run.messages;
    if (last !== undefined) queue.add(last);
    await waitFor('the last shard', () => queue.empty);
    await expectEveryRowOnce(run, 800);
    expect(engines.filter(isAlive)).toEqual(engines);
  });

  test('stops its engine where that does not abandon it', async () => {
    await place.prepare({ rows: 200 });
    await place.write(
      'busy.mjs',
      `import { writeFileSync } from 'node:fs';
      export default (batch) => {
        for (const id of batch.getChild('id')) {
          if (id === 50n) writeFileSync(${JSON.stringify(place.path('busy'))}, '');
          while (id === 50n);
        }
        return batch;
      };`,
    );
    const stuck = await planRun(place, {
      transform: { columns: ['id', 'a', 'b', 'c'], module: 'busy.mjs' },
      plan: PLAN,
    });
    startWorker();
    queue.add(...stuck.messages);
    // Before, the engine would abandon it.
    await waitFor('the endless loop', () => existsSync(place.path('busy')));
    const [engine = 0] = await newChildren();
    queue.remove(0);
    await waitFor('the end', () => queue.empty);
    const next = await planRun(place, { output: { uri: 'other', columns: { id: 'id' } } });
    queue.add(...next.messages);
    await waitFor('the next run', () => queue.empty);
    expect(isAlive(engine)).toBe(false);
    expect((await next.finalize()).rows.read).toBe(200);
  });
});

describe('a shard that fails', () => {
  test('by killing its engine ends with its attempts, and costs its neighbour no attempt', async () => {
    await place.prepare({ rows: 800 });
    await place.write(
      'poison.mjs',
      `import { setTimeout as sleep } from 'node:timers/promises';
      export default async (batch) => {
        for (const id of batch.getChild('id')) if (id === 300n) process.kill(process.pid, 'SIGKILL');
        await sleep(50);
        return batch;
      };`,
    );
    const run = await planRun(place, {
      transform: { columns: ['id', 'a', 'b', 'c'], module: 'poison.mjs' },
      plan: { partRows: 50, shardParts: 4 },
      errors: { attempts: 2 },
    });
    const worker = startWorker();
    queue.add(...run.messages);
    await waitFor('the end', () => queue.empty);
    expect(queue.of(1)).toEqual(['again', 'settled']);
    for (const shard of [0, 2, 3]) {
      expect(queue.of(shard)).toEqual(['settled']);
      expect(await run.hasRecord(shard)).toBe(true);
    }
    const failure = await run.failure(1);
    expect(failure).toMatchObject({ code: 'ENGINE_CRASHED', shard: 1, round: 0 });
    expect(failure?.message).toContain('SIGKILL');
    expect(failure?.where).toBe(`shard 1: rows 200 to 399 of ${place.path('data/a.parquet')}`);
    expect(failure?.story).toHaveLength(2);
    expect(await worker.metric('shardmill_worker_failures_total{code="ENGINE_CRASHED"}')).toBe(1);
    expect(worker.events.map(({ kind }) => kind).toSorted()).toEqual([
      'shard-done',
      'shard-done',
      'shard-done',
      'shard-failed',
      'shard-retried',
    ]);
  });

  test('by taking too long is stopped, and only that one fails', async () => {
    // Shard 1 never ends: its rows ask for it.
    await place.writeParquet('data/a.parquet', numbered(400), 'ROW_GROUP_SIZE 2048');
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    await place.write(
      'stuck.mjs',
      `export default async (batch) => {
        for (const id of batch.getChild('id')) if (id === 250n) await new Promise(() => {});
        return batch;
      };`,
    );
    const run = await planRun(place, {
      transform: { columns: ['id', 'a', 'b', 'c'], module: 'stuck.mjs' },
      plan: { partRows: 50, shardParts: 4 },
      errors: { attempts: 1, partTimeout: '1s' },
    });
    startWorker();
    queue.add(...run.messages);
    await waitFor('the end', () => queue.empty);
    expect(await run.hasRecord(0)).toBe(true);
    expect(await run.failure(1)).toMatchObject({
      code: 'PART_TIMEOUT',
      message: 'a part did not go on for 1 s',
      where: 'shard 1, part 1',
    });
  });

  test('by taking too much memory is stopped at the limit', async () => {
    await place.prepare({ rows: 300, model: memoryHog({ bytes: 700e6 }) });
    const run = await planRun(place, { errors: { attempts: 1 } });
    startWorker({ resources: { engines: 1, memoryLimit: '500MB', batchRows: 1 } });
    queue.add(...run.messages);
    await waitFor('the end', () => queue.empty);
    expect(await run.failure(0)).toMatchObject({
      code: 'ENGINE_OUT_OF_MEMORY',
      message: expect.stringMatching(/used \d+ MiB, its limit is 477 MiB/),
    });
  });
});
