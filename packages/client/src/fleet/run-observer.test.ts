import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileStore, ShardmillError, Stores } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import type { RunView } from '@shardmill/queue';
import { RunRegistry } from '@shardmill/scheduler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleScheduler, sampleView } from '../testing/fleet-samples.js';
import { RunObserver, type RunSource } from './run-observer.js';

const RUN = '20261122T050000Z-00000001';
const SECOND = 1000;
let root: string;
let registry: RunRegistry;
let now: number;
let view: RunView | undefined;
let redis: 'answers' | 'away';

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-observer-'));
  registry = new RunRegistry(new FileStore(path.join(root, 'state')));
  now = Date.parse('2026-11-22T05:00:10.000Z');
  view = undefined;
  redis = 'answers';
  const job = {
    name: 'churn',
    input: { uri: '/in' },
    model: { uri: '/model.onnx' },
    output: { uri: path.join(root, 'out'), columns: { a: 'a' } },
  };
  await registry.submit({
    run: RUN,
    submittedAt: '2026-11-22T05:00:00.000Z',
    key: null,
    job: parseJob(job, 'job.json'),
    jobFile: '/job.json',
    params: {},
    priority: 50,
    failFast: false,
    submittedBy: 'ann@laptop',
  });
});
afterEach(() => rm(root, { recursive: true }));

async function observe(): Promise<RunObserver> {
  const answer = <T>(value: T): T => {
    if (redis === 'answers') return value;
    throw new ShardmillError('REDIS_UNREACHABLE', 'Redis does not answer');
  };
  const source: RunSource = {
    registry,
    stores: new Stores(),
    view: async () => answer(view),
    processes: async () => answer([sampleScheduler]),
  };
  return new RunObserver(source, await registry.resolve(RUN), () => now);
}

const told = (changes: Partial<RunView> = {}): RunView =>
  sampleView({ run: RUN, at: now, rowsDone: 7, ...changes });

/** Ends the run as a scheduler does. */
async function fail(): Promise<void> {
  const error = {
    code: 'COLUMN_NOT_FOUND',
    message: 'there is no column',
    remedy: 'mend',
  } as const;
  const seen = await registry.resolve(RUN);
  await registry.append(seen, {
    kind: 'failed',
    at: new Date(now).toISOString(),
    error,
    shardsFailed: 0,
  });
}

describe('a run is seen', () => {
  it('as the schedulers tell it, while they do', async () => {
    const observer = await observe();
    view = told();
    expect(await observer.look()).toEqual({
      view,
      from: 'scheduler',
      processes: [sampleScheduler],
    });
  });

  it('in the stores where nobody tells of it, or Redis is away', async () => {
    const observer = await observe();
    expect(await observer.look()).toMatchObject({ from: 'objects', view: { state: 'submitted' } });
    redis = 'away';
    expect(await observer.look()).toMatchObject({ from: 'objects', processes: undefined });
  });

  it('in the stores once what is told is not renewed any more', async () => {
    const observer = await observe();
    view = told();
    expect((await observer.look()).from).toBe('scheduler');
    now += 14 * SECOND;
    expect((await observer.look()).from).toBe('scheduler');
    now += 2 * SECOND;
    expect((await observer.look()).from).toBe('objects');
    view = told();
    expect((await observer.look()).from).toBe('scheduler');
  });

  it('in the stores where what is told is old from the beginning', async () => {
    const observer = await observe();
    view = told({ at: now - 60 * SECOND });
    for (let n = 0; n < 3; n++, now += SECOND) {
      expect((await observer.look()).from).toBe('objects');
    }
  });

  it('as told also where the clock of the scheduler is wrong, as long as it goes on', async () => {
    const observer = await observe();
    view = told({ at: now - 3600 * SECOND });
    await observer.look();
    now += SECOND;
    view = told({ at: now - 3600 * SECOND });
    expect((await observer.look()).from).toBe('scheduler');
  });

  it('to have ended only where its log says so', async () => {
    const observer = await observe();
    // What a scheduler told of the round before a resume.
    view = told({ state: 'failed', endedAt: '2026-11-22T05:00:05.000Z' });
    expect(await observer.look()).toMatchObject({ from: 'objects', view: { state: 'submitted' } });
    expect(observer.ended).toBe(false);
  });

  it('to have ended soon after its log says so, whatever is told', async () => {
    const observer = await observe();
    view = told();
    await observer.look();
    await fail();
    now += 5 * SECOND;
    view = told();
    expect(await observer.look()).toMatchObject({
      from: 'objects',
      view: { state: 'failed', error: { code: 'COLUMN_NOT_FOUND' } },
    });
    expect(observer.ended).toBe(true);
  });
});
