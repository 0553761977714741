import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  failureKey,
  FileStore,
  type ObjectContent,
  partKey,
  planKey,
  planPageKey,
  ShardmillError,
  shardRecordKey,
  SUCCESS_KEY,
} from '@shardmill/core';
import { findFailure, findRecord } from '@shardmill/core/plans';
import type { Attempt, ShardOutcome, ShardTask } from '@shardmill/queue';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  KeptEvents,
  makePart,
  recordOf,
  type SamplePlan,
  storeSamplePlan,
  taskOf,
} from '../testing/sample-plan.js';
import type { ScoreShard, ShardEnd, ShardWorld } from './shard-world.js';
import { StoredPlans } from './stored-plans.js';
import { ShardWorker } from './work-shard.js';

const RUN = 'run-a';
const NOW = Date.parse('2026-11-22T06:00:00Z');

/** A store in which writes of some keys fail. */
class FaultyStore extends FileStore {
  fault: ((key: string) => ShardmillError | undefined) | undefined;
  override async create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    const error = this.fault?.(key);
    if (error !== undefined) throw error;
    return super.create(key, content);
  }
  override async head(key: string): ReturnType<FileStore['head']> {
    const error = this.fault?.(`head ${key}`);
    if (error !== undefined) throw error;
    return super.head(key);
  }
}

let folder: string;
let store: FaultyStore;
let sample: SamplePlan;
let events: KeptEvents;
let ends: ShardEnd[];
let scored: number[];
/** What the engine does in the middle of a shard, after its first part. */
let halfWay: () => Promise<void> | void;
/** What the log of runs says against the message. */
let refusal: () => string | undefined;
let worker: ShardWorker;
let now: number;

let allow: ShardWorld['allow'];

/** Makes both parts, or finds them there. */
const score: ScoreShard = async ({ plan, shard, onPart }) => {
  scored.push(shard.shard);
  const parts = [];
  for (const { part } of shard.parts) {
    if (part === 1) await halfWay();
    const existed = (await store.head(partKey(plan.runId, shard.shard, part))) !== undefined;
    const made = await makePart(store, plan.runId, shard.shard, part);
    onPart(made, !existed);
    parts.push(made);
  }
  return recordOf(plan, shard.shard, parts);
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-work-shard-'));
  store = new FaultyStore(folder);
  sample = await storeSamplePlan(store, RUN);
  events = new KeptEvents();
  ends = [];
  scored = [];
  halfWay = () => {};
  refusal = () => undefined;
  allow = undefined;
  worker = newWorker(score);
  now = NOW;
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function newWorker(scoreShard: ScoreShard, untilOut?: ShardWorld['untilOut']): ShardWorker {
  return new ShardWorker({
    worker: 'host-1-aa',
    runs: { refusal: async () => refusal() },
    plans: new StoredPlans(() => store),
    allow,
    regionOf: async () => undefined,
    store: () => store,
    scoreShard,
    untilOut,
    events,
    now: () => now,
    random: () => 0.5,
    onEnd: (_task, end) => ends.push(end),
  });
}

function work(
  change: Partial<ShardTask> = {},
  drop = new AbortController(),
): Promise<ShardOutcome> {
  return worker.work(taskOf(sample.message(1), change), drop.signal);
}

const failing = (code: ConstructorParameters<typeof ShardmillError>[0]) => (): never => {
  throw new ShardmillError(code, 'as the test wishes');
};

async function keys(prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

describe('a shard of which the log of runs says otherwise', () => {
  test('is refused, and nothing of it is followed', async () => {
    refusal = () => 'the log of runs says otherwise of output';
    const before = await keys();
    expect(await work()).toEqual({ kind: 'refused', reason: refusal() });
    expect(ends).toMatchObject([{ kind: 'refused', error: { code: 'MESSAGE_REFUSED' } }]);
    expect([scored, await keys(), events.events]).toEqual([[], before, []]);
  });

  test('is refused where the log itself cannot be read', async () => {
    refusal = failing('PLAN_MISMATCH');
    expect(await work()).toMatchObject({ kind: 'refused' });
  });

  test('comes back, with no attempt spent, where the log does not answer', async () => {
    refusal = failing('STORE_UNREACHABLE');
    expect(await work()).toEqual({ kind: 'again', delayMs: expect.any(Number), failed: [] });
    expect(scored).toEqual([]);
  });
});

describe("a shard of which this machine's settings do not name", () => {
  test('the output is refused, and nothing is written', async () => {
    allow = { outputs: [path.join(folder, 'elsewhere')] };
    worker = newWorker(score);
    const before = await keys();
    expect(await work()).toMatchObject({ kind: 'refused' });
    expect(ends).toMatchObject([{ kind: 'refused', error: { code: 'LOCATION_FORBIDDEN' } }]);
    expect([scored, await keys()]).toEqual([[], before]);
  });

  test.each(['inputs', 'models'] as const)('the %s fails before it is staged', async (use) => {
    allow = { [use]: [path.join(folder, 'elsewhere')] };
    worker = newWorker(score);
    expect(await work()).toEqual({ kind: 'settled' });
    expect(ends).toMatchObject([{ kind: 'failed', error: { code: 'LOCATION_FORBIDDEN' } }]);
    expect(scored).toEqual([]);
  });
});

describe('a shard that is scored', () => {
  test('has its record before it is settled, and is told of', async () => {
    expect(await work()).toEqual({ kind: 'settled' });
    const record = await findRecord(store, { runId: RUN }, 1);
    expect(record).toMatchObject({ shard: 1, rows: { read: 20, scored: 20 } });
    expect(events.events).toEqual([
      { kind: 'shard-done', run: `asked-for-${RUN}`, shard: 1, rows: record?.rows },
    ]);
    expect(ends).toMatchObject([{ kind: 'done', resumedParts: 0 }]);
  });

  test('is settled without an engine where its record is there', async () => {
    await work();
    expect(
      await newWorker(score).work(taskOf(sample.message(1)), new AbortController().signal),
    ).toEqual({
      kind: 'settled',
    });
    expect(scored).toEqual([1]);
    expect(events.events).toHaveLength(2);
    expect(ends).toMatchObject([{ kind: 'done' }, { kind: 'found' }]);
  });

  test('goes on at the first missing part after a crash before the record', async () => {
    halfWay = failing('ENGINE_CRASHED');
    await work();
    halfWay = () => {};
    expect(await work()).toEqual({ kind: 'settled' });
    expect(ends).toMatchObject([{ kind: 'again' }, { kind: 'done', resumedParts: 1 }]);
  });

  test('keeps the record of another worker that was first', async () => {
    halfWay = async () => {
      await newWorker(async ({ plan }) => ({
        ...recordOf(plan, 1, []),
        seconds: { first: 1 },
      })).work(taskOf(sample.message(1)), new AbortController().signal);
    };
    expect(await work()).toEqual({ kind: 'settled' });
    expect(await findRecord(store, { runId: RUN }, 1)).toMatchObject({ seconds: { first: 1 } });
  });

  test('is not settled where its record cannot be written', async () => {
    store.fault = (key) =>
      key === shardRecordKey(RUN, 1) ? new ShardmillError('STORE_UNREACHABLE', 'away') : undefined;
    expect(await work()).toEqual({ kind: 'again', delayMs: 1000, failed: [] });
    expect(events.events).toMatchObject([{ kind: 'shard-retried', code: 'STORE_UNREACHABLE' }]);
  });
});

describe('a shard that fails', () => {
  const earlier = (endedAt: string): Attempt => ({
    worker: 'host-9-zz',
    startedAt: '2026-11-22T05:10:00.000Z',
    endedAt,
    error: { code: 'PART_TIMEOUT', message: 'slow', remedy: 'none' },
  });

  test('comes back later, with one attempt more in its story', async () => {
    halfWay = failing('ENGINE_CRASHED');
    const before = earlier('2026-11-22T05:20:00.000Z');
    expect(await work({ failed: [before] })).toEqual({
      kind: 'again',
      delayMs: 1000,
      failed: [
        before,
        {
          worker: 'host-1-aa',
          startedAt: '2026-11-22T06:00:00.000Z',
          endedAt: '2026-11-22T06:00:00.000Z',
          error: {
            code: 'ENGINE_CRASHED',
            message: 'as the test wishes',
            where: 'shard 1: rows 20 to 39 of /data/a.parquet',
            remedy: expect.any(String),
          },
        },
      ],
    });
    expect(await keys(`_shardmill/${RUN}/failed`)).toEqual([]);
    expect(events.events).toEqual([
      { kind: 'shard-retried', run: `asked-for-${RUN}`, shard: 1, code: 'ENGINE_CRASHED' },
    ]);
  });

  test('for the last time leaves a note with the story of all attempts', async () => {
    halfWay = failing('ENGINE_CRASHED');
    const before = [earlier('2026-11-22T05:20:00.000Z'), earlier('2026-11-22T05:30:00.000Z')];
    expect(await work({ failed: before })).toEqual({ kind: 'settled' });
    const failure = await findFailure(store, RUN, 1, 1);
    expect(failure).toMatchObject({
      runId: RUN,
      planDigest: sample.plan.digest,
      round: 1,
      shard: 1,
      code: 'ENGINE_CRASHED',
      where: 'shard 1: rows 20 to 39 of /data/a.parquet',
    });
    expect(failure?.story.map(({ worker, error }) => [worker, error.code])).toEqual([
      ['host-9-zz', 'PART_TIMEOUT'],
      ['host-9-zz', 'PART_TIMEOUT'],
      ['host-1-aa', 'ENGINE_CRASHED'],
    ]);
    expect(events.events).toEqual([{ kind: 'shard-failed', run: `asked-for-${RUN}`, shard: 1 }]);
    expect(await findRecord(store, { runId: RUN }, 1)).toBeUndefined();
  });

  test('of a full disk is waited for, and costs attempts only after that', async () => {
    halfWay = failing('DISK_FULL');
    expect(await work()).toEqual({ kind: 'again', delayMs: 1500, failed: [] });
    now += 599_000;
    expect(await work()).toEqual({ kind: 'again', delayMs: 1000, failed: [] });
    expect(ends).toMatchObject([
      { kind: 'again', spent: false },
      { kind: 'again', spent: false },
    ]);
    now += 1000;
    expect(await work()).toMatchObject({ kind: 'again', delayMs: 500, failed: [{}] });
    // Another round has its own time, and so has what comes after a shard that was done.
    const message = { ...sample.message(1), round: 2 };
    expect(await work({ message })).toMatchObject({ kind: 'again', failed: [] });
    halfWay = () => {};
    expect(await work()).toEqual({ kind: 'settled' });
    halfWay = failing('DISK_FULL');
    const other = sample.message(0);
    expect(await work({ message: other })).toMatchObject({ kind: 'again', failed: [] });
  });

  test('of something that stays as it is fails at once', async () => {
    halfWay = failing('INPUT_CHANGED');
    expect(await work()).toEqual({ kind: 'settled' });
    expect(await findFailure(store, RUN, 1, 1)).toMatchObject({ code: 'INPUT_CHANGED' });
  });

  test('keeps the first note where two workers fail with it', async () => {
    halfWay = failing('INPUT_CHANGED');
    await work();
    const first = await readFile(store.pathOf(failureKey(RUN, 1, 1)), 'utf8');
    halfWay = failing('EXPRESSION_FAILED');
    expect(await work()).toEqual({ kind: 'settled' });
    expect(await readFile(store.pathOf(failureKey(RUN, 1, 1)), 'utf8')).toBe(first);
  });

  test('does not fail where another worker has done it meanwhile', async () => {
    halfWay = async () => {
      await newWorker(async ({ plan }) => recordOf(plan, 1, [])).work(
        taskOf(sample.message(1)),
        new AbortController().signal,
      );
      failing('INPUT_CHANGED')();
    };
    expect(await work()).toEqual({ kind: 'settled' });
    expect(await findFailure(store, RUN, 1, 1)).toBeUndefined();
    expect(ends.at(-1)).toMatchObject({ kind: 'found' });
  });

  test('is not scored again only because its note could not be written', async () => {
    halfWay = failing('INPUT_CHANGED');
    store.fault = (key) =>
      key === failureKey(RUN, 1, 1) ? new ShardmillError('STORE_DENIED', 'read only') : undefined;
    const outcome = await work({ message: { ...sample.message(1), attempts: 1 } });
    if (outcome.kind !== 'again') throw new Error(`it is ${outcome.kind}`);
    expect(outcome.failed.map(({ error }) => error.code)).toEqual(['INPUT_CHANGED']);
    store.fault = undefined;
    const message = { ...sample.message(1), attempts: 1 };
    expect(await work({ message, failed: outcome.failed })).toEqual({ kind: 'settled' });
    expect(scored).toEqual([1]);
    expect(await findFailure(store, RUN, 1, 1)).toMatchObject({ code: 'INPUT_CHANGED' });
  });

  test('because its record is not one fails with that', async () => {
    await store.create(shardRecordKey(RUN, 1), Buffer.from('{"format":"shardmill-shard/9"}'));
    expect(await work()).toEqual({ kind: 'settled' });
    expect(await findFailure(store, RUN, 1, 1)).toMatchObject({
      code: 'PLAN_MISMATCH',
      where: store.locate(shardRecordKey(RUN, 1)),
    });
  });

  test.each([
    ['of another digest', { planDigest: 'other' }],
    ['without such a page', { page: 7 }],
    ['without such a shard', { shard: 9 }],
  ])('because its message is of a plan %s', async (_what, change) => {
    const message = { ...sample.message(1), ...change };
    expect(await work({ message })).toEqual({ kind: 'settled' });
    expect(await findFailure(store, RUN, 1, message.shard)).toMatchObject({
      code: 'PLAN_MISMATCH',
    });
    expect(scored).toEqual([]);
  });
});

describe('a store that is away', () => {
  test('costs no attempt, and is asked less and less often until it answers', async () => {
    store.fault = () => new ShardmillError('STORE_UNREACHABLE', 'no answer');
    const delays: number[] = [];
    for (let times = 0; times < 8; times++) {
      const outcome = await work();
      if (outcome.kind !== 'again') throw new Error(`it is ${outcome.kind}`);
      expect(outcome.failed).toEqual([]);
      delays.push(outcome.delayMs);
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    store.fault = undefined;
    expect(await work()).toEqual({ kind: 'settled' });
    store.fault = () => new ShardmillError('STORE_UNREACHABLE', 'no answer');
    expect(await work()).toMatchObject({ delayMs: 1000 });
  });
});

describe('a worker that has to let go', () => {
  test('hands the shard back at once, whatever hangs, and spends nothing', async () => {
    const drop = new AbortController();
    halfWay = () => new Promise<never>(() => drop.abort());
    expect(await work({}, drop)).toEqual({ kind: 'handed-back' });
    expect(await keys('part-')).toEqual([partKey(RUN, 1, 0)]);
    expect(ends).toEqual([{ kind: 'handed-back' }]);
    expect(events.events).toEqual([]);
  });

  test('hands it back while the store does not answer', async () => {
    const drop = new AbortController();
    store.head = () => new Promise<never>(() => drop.abort());
    expect(await work({}, drop)).toEqual({ kind: 'handed-back' });
  });

  test('hands it back where the engine says that it was interrupted', async () => {
    halfWay = failing('INTERRUPTED');
    expect(await work()).toEqual({ kind: 'handed-back' });
  });
});

describe('a shard that nobody waits for any more', () => {
  test('is let go of, and keeps the parts that are done', async () => {
    const lost = new AbortController();
    halfWay = () => {
      lost.abort();
      failing('INTERRUPTED')();
    };
    expect(await work({ signal: lost.signal })).toEqual({ kind: 'settled' });
    expect(await keys('part-')).toEqual([partKey(RUN, 1, 0)]);
    expect(await findRecord(store, { runId: RUN }, 1)).toBeUndefined();
    expect(ends).toEqual([{ kind: 'abandoned' }]);
  });

  test('is not begun', async () => {
    expect(await work({ signal: AbortSignal.abort() })).toEqual({ kind: 'settled' });
    expect(scored).toEqual([]);
  });
});

describe('a run that was overwritten by another', () => {
  /** What the newer run does with the older one when it is complete. */
  async function overwritten(): Promise<void> {
    await store.delete(planKey(RUN));
    for (const key of await keys('part-')) await store.delete(key);
    await store.delete(planPageKey(RUN, 0));
    await store.create(partKey('run-b', 0, 0), Buffer.from('newer'));
    await store.replace(SUCCESS_KEY, Buffer.from('{"manifest":"m","runId":"run-b"}'));
  }
  const newer = [SUCCESS_KEY, '_shardmill/', partKey('run-b', 0, 0)];

  async function expectNothingOfIt(): Promise<void> {
    const left = (await keys()).filter((key) => !newer.some((known) => key.startsWith(known)));
    expect(left).toEqual([]);
    expect(await findRecord(store, { runId: RUN }, 1)).toBeUndefined();
    expect(await findFailure(store, RUN, 1, 1)).toBeUndefined();
  }

  test('is not begun, though its plan is still in memory', async () => {
    await worker.work(taskOf(sample.message(0)), new AbortController().signal);
    await overwritten();
    expect(await work()).toEqual({ kind: 'settled' });
    expect(scored).toEqual([0]);
    expect(ends.at(-1)).toEqual({ kind: 'run-gone', deletedParts: 0 });
    await expectNothingOfIt();
  });

  test.each([
    ['finishes the shard', () => {}],
    ['fails with it', failing('ENGINE_CRASHED')],
    ['fails with it for good', failing('INPUT_CHANGED')],
  ])('gets back the parts of a late worker that %s', async (_what, then) => {
    halfWay = async () => {
      await overwritten();
      // As late as can be: after everything was deleted, a part appears.
      await makePart(store, RUN, 1, 0);
      then();
    };
    expect(await work()).toEqual({ kind: 'settled' });
    await expectNothingOfIt();
    expect(ends).toMatchObject([{ kind: 'run-gone' }]);
  });

  test('gets back the parts of a worker that had lost its lock', async () => {
    const lost = new AbortController();
    halfWay = async () => {
      await overwritten();
      await makePart(store, RUN, 1, 0);
      lost.abort();
      failing('INTERRUPTED')();
    };
    expect(await work({ signal: lost.signal })).toEqual({ kind: 'settled' });
    await expectNothingOfIt();
  });

  test('gets back a part that the engine made after it was told to stop', async () => {
    const lost = new AbortController();
    let inEngine = Promise.resolve();
    worker = newWorker(
      async ({ onPart }) => {
        await overwritten();
        lost.abort();
        inEngine = makePart(store, RUN, 1, 1).then((part) => onPart(part, true));
        return failing('INTERRUPTED')();
      },
      () => inEngine,
    );
    expect(await work({ signal: lost.signal })).toEqual({ kind: 'settled' });
    await expectNothingOfIt();
    expect(ends).toEqual([{ kind: 'run-gone', deletedParts: 1 }]);
  });

  test('keeps the parts that this worker did not make', async () => {
    await makePart(store, RUN, 1, 0);
    halfWay = async () => {
      await store.delete(planKey(RUN));
    };
    await work();
    expect(await keys('part-')).toEqual([partKey(RUN, 1, 0)]);
    expect(ends).toEqual([{ kind: 'run-gone', deletedParts: 1 }]);
  });

  test('keeps the parts of a finished run whose notes somebody deleted', async () => {
    halfWay = async () => {
      await store.delete(planKey(RUN));
      await store.replace(SUCCESS_KEY, Buffer.from(`{"manifest":"m","runId":"${RUN}"}`));
    };
    await work();
    expect(await keys('part-')).toEqual([partKey(RUN, 1, 0), partKey(RUN, 1, 1)]);
  });
});
