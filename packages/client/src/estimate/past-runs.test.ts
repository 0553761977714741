import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  FileStore,
  type Manifest,
  MANIFEST_FORMAT,
  manifestKey,
  planKey,
  Stores,
} from '@shardmill/core';
import { manifestSchema, parseJob } from '@shardmill/core/schemas';
import { type RegisteredRun, RunRegistry } from '@shardmill/scheduler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FleetRuns, pastRunsHere, pastRunsOfFleet } from './past-runs.js';

const MODEL = 'a'.repeat(64);
const OTHER_MODEL = 'b'.repeat(64);
const ROWS = { read: 100, scored: 100, rejected: 0, filtered: 0 };
let root: string;
let fleet: FleetRuns & { readonly registry: RunRegistry };

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-past-'));
  const stores = new Stores();
  fleet = { stores, registry: new RunRegistry(new FileStore(path.join(root, 'state'))) };
});
afterEach(async () => {
  await fleet.stores.close();
  await rm(root, { recursive: true });
});

const outputOf = (name: string): string => path.join(root, name);
const runId = (number: number): string => `20261122T05000${number}Z-0000000${number}`;

/** A plan as far as past runs are compared with it. */
const planFor = (output: string) => ({
  job: { name: 'churn', params: {} },
  scoring: { output: { uri: outputOf(output) }, model: { sha256: MODEL } },
});

/** Writes the manifest of a run that has scored 100 rows. */
async function finish(
  output: string,
  run: string,
  usage: Manifest['usage'],
  sha256 = MODEL,
  job = 'churn',
): Promise<void> {
  const store = new FileStore(outputOf(output));
  const manifest: Manifest = manifestSchema.parse({
    format: MANIFEST_FORMAT,
    runId: run,
    planDigest: 'd',
    job: { name: job, params: {} },
    createdAt: '2026-11-22T05:00:00.000Z',
    finishedAt: '2026-11-22T05:10:00.000Z',
    rows: { ...ROWS, read: 150, filtered: 50 },
    rejectedBudget: 0,
    model: { uri: '/m.onnx', sha256 },
    schema: [],
    parts: [{ key: 'part', bytes: 1, sha256: 'e', shard: 0, part: 0, rows: ROWS }],
    rejected: [],
    bytes: 1,
    statistics: {},
    seconds: {},
    versions: {},
    ...(usage && { usage }),
  });
  await store.create(planKey(run), Buffer.from('{}'));
  await store.create(manifestKey(run), Buffer.from(JSON.stringify(manifest)));
}

describe('past runs on this machine', () => {
  it('are those of the output location with the same job and model, the latest first', async () => {
    const usage = { pool: null, workerSeconds: 10 };
    await finish('out', runId(1), usage);
    await finish('out', runId(2), { ...usage, workerSeconds: 5 });
    await finish('out', runId(3), usage, OTHER_MODEL);
    await finish('out', runId(4), usage, MODEL, 'another');
    await finish('out', runId(5), { ...usage, pool: 'cpu' });
    await finish('out', runId(6), undefined);
    await finish('elsewhere', runId(7), usage);
    const past = await pastRunsHere(fleet.stores, planFor('out'));
    const facts = { output: outputOf('out'), finishedAt: '2026-11-22T05:10:00.000Z' };
    // Rows that statistics ruled out were not worked on.
    expect(past).toEqual([
      { ...facts, run: runId(2), rows: 100, workerSeconds: 5 },
      { ...facts, run: runId(1), rows: 100, workerSeconds: 10 },
    ]);
  });

  it('are none where nothing is there yet', async () => {
    expect(await pastRunsHere(fleet.stores, planFor('nowhere'))).toEqual([]);
  });
});

describe('past runs of a fleet', () => {
  /** Submits a run to a pool, and ends it. */
  async function submit(number: number, output: string, pool = 'cpu', ends = true) {
    const run = runId(number);
    const job = {
      name: 'churn',
      input: { uri: '/in' },
      model: { uri: '/model.onnx' },
      output: { uri: outputOf(output), columns: { a: 'a' } },
      resources: { pool },
    };
    await fleet.registry.submit({
      run,
      submittedAt: '2026-11-22T05:00:00.000Z',
      key: null,
      job: parseJob(job, 'job.json'),
      jobFile: '/job.json',
      params: {},
      priority: 50,
      failFast: false,
      submittedBy: 'ann@laptop',
    });
    let seen: RegisteredRun = await fleet.registry.resolve(run);
    const append = async (event: Parameters<RunRegistry['append']>[1]): Promise<void> => {
      await fleet.registry.append(seen, event);
      seen = await fleet.registry.refresh(seen);
    };
    const at = '2026-11-22T05:01:00.000Z';
    await append({ kind: 'planned', at, planRun: run, planDigest: 'c'.repeat(64) });
    if (!ends) return;
    await append({ kind: 'finalizing', at });
    await append({ kind: 'finished', at, rows: ROWS });
    await finish(output, run, { pool, workerSeconds: number });
  }

  it('are found in the log, at other locations too, if they finished on the pool', async () => {
    await submit(1, 'ds=1');
    await submit(2, 'ds=2');
    await submit(3, 'ds=3', 'gpu');
    await submit(4, 'ds=4', 'cpu', false);
    const past = await pastRunsOfFleet(fleet, planFor('ds=5'), 'cpu');
    expect(past.map(({ run, workerSeconds }) => [run, workerSeconds])).toEqual([
      [runId(2), 2],
      [runId(1), 1],
    ]);
  });
});
