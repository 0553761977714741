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

const published = (changes: Partial<RunView> = {}): RunView =>
  sampleView({ run: RUN, at: now, rowsDone: 7, ...changes });

/** Ends the run as a scheduler does. */
async function fail(): Promise<void> {
  const error = {
    code: 'COLUMN_NOT_FOUND',
    message: 'there is no column',
    remedy: 'fix',
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
  it('by the view of the schedulers, while they publish one', async () => {
    const observer = await observe();
    view = published();
    expect(await observer.observe()).toEqual({
      view,
      from: 'scheduler',
      processes: [sampleScheduler],
    });
  });

  it('in the stores where no scheduler publishes a view, or Redis is away', async () => {
    const observer = await observe();
    expect(await observer.observe()).toMatchObject({
      from: 'objects',
      view: { state: 'submitted' },
    });
    redis = 'away';
    expect(await observer.observe()).toMatchObject({ from: 'objects', processes: undefined });
  });

  it('in the stores once the view is not renewed any more', async () => {
    const observer = await observe();
    view = published();
    expect((await observer.observe()).from).toBe('scheduler');
    now += 14 * SECOND;
    expect((await observer.observe()).from).toBe('scheduler');
    now += 2 * SECOND;
    expect((await observer.observe()).from).toBe('objects');
    view = published();
    expect((await observer.observe()).from).toBe('scheduler');
  });

  it('in the stores where the view is old from the beginning', async () => {
    const observer = await observe();
    view = published({ at: now - 60 * SECOND });
    for (let n = 0; n < 3; n++, now += SECOND) {
      expect((await observer.observe()).from).toBe('objects');
    }
  });

  it('by the view also where the clock of the scheduler is wrong, as long as the view changes', async () => {
    const observer = await observe();
    view = published({ at: now - 3600 * SECOND });
    await observer.observe();
    now += SECOND;
    view = published({ at: now - 3600 * SECOND });
    expect((await observer.observe()).from).toBe('scheduler');
  });

  it('to have ended only where its log says so', async () => {
    const observer = await observe();
    // The view of the round before a resume.
    view = published({ state: 'failed', endedAt: '2026-11-22T05:00:05.000Z' });
    expect(await observer.observe()).toMatchObject({
      from: 'objects',
      view: { state: 'submitted' },
    });
    expect(observer.ended).toBe(false);
  });

  it('to have ended soon after its log says so, whatever the view says', async () => {
    const observer = await observe();
    view = published();
    await observer.observe();
    await fail();
    now += 5 * SECOND;
    view = published();
    expect(await observer.observe()).toMatchObject({
      from: 'objects',
      view: { state: 'failed', error: { code: 'COLUMN_NOT_FOUND' } },
    });
    expect(observer.ended).toBe(true);
  });
});
