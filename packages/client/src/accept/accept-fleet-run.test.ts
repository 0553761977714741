import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { acceptanceKey, QUALITY_FORMAT, qualityKey, ShardmillError, Stores } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { type RegisteredRun, RunRegistry, type RunRequest } from '@shardmill/scheduler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptFleetRun } from './accept-fleet-run.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-accept-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = '2026-01-01T00:00:00.000Z';
const failedCheck = {
  name: 'enough',
  kind: 'rowCount',
  severity: 'fail',
  observed: 1,
  expected: 'at least 2',
  passed: false,
  message: '1 rows were scored; expected at least 2',
};

/** A fleet with a run that failed with this code, and with a note of a failed check. */
async function failedRun(code: 'CHECKS_FAILED' | 'INPUT_DAMAGED' = 'CHECKS_FAILED') {
  const stores = new Stores();
  const registry = new RunRegistry(stores.open(path.join(folder, 'state')));
  const uri = path.join(folder, 'out');
  const job = parseJob(
    {
      name: 'test',
      input: { uri: 'data' },
      model: { uri: 'm.onnx' },
      output: { uri, columns: { score: 'score' } },
    },
    'job.yaml',
  );
  const request: RunRequest = {
    run: 'r1',
    submittedAt: at,
    key: null,
    job,
    jobFile: '/job.yaml',
    params: {},
    priority: 50,
    failFast: false,
    submittedBy: 'ada',
  };
  await registry.submit(request);
  const append = async (event: Parameters<RunRegistry['append']>[1]): Promise<RegisteredRun> => {
    await registry.append(await registry.resolve('r1'), event);
    return registry.resolve('r1');
  };
  await append({ kind: 'planned', at, planRun: 'r1', planDigest: 'a'.repeat(64) });
  const error = new ShardmillError(code, 'it failed').toRecord();
  await append({ kind: 'failed', at, error, shardsFailed: 0 });
  const note = {
    format: QUALITY_FORMAT,
    runId: 'r1',
    planDigest: 'a',
    evaluatedAt: at,
    fleetRun: 'r1',
    rejectedBudget: 0,
    outcomes: [failedCheck],
  };
  const store = stores.open(uri);
  await store.create(qualityKey('r1'), Buffer.from(JSON.stringify(note)));
  const announced: string[] = [];
  const fleet = {
    stores,
    registry,
    find: (reference: string) => registry.resolve(reference),
    announce: async (run: string) => {
      announced.push(run);
    },
  };
  return { fleet, store, registry, announced, append };
}

describe('accepting a run of a fleet', () => {
  it('notes who and why, and has the run go on', async () => {
    const { fleet, registry, announced } = await failedRun();
    const { run, acceptance } = await acceptFleetRun(fleet, 'r1', { by: 'ada', reason: 'Easter.' });
    expect(acceptance).toMatchObject({ by: 'ada', reason: 'Easter.' });
    expect(run).toMatchObject({ phase: 'running', round: 1 });
    expect((await registry.resolve('r1')).events.at(-1)).toMatchObject({
      kind: 'reopened',
      by: 'ada',
    });
    expect(announced).toEqual(['r1']);
  });

  it('is done by one of two persons at once, and the run goes on once', async () => {
    const { fleet, registry } = await failedRun();
    const both = await Promise.allSettled([
      acceptFleetRun(fleet, 'r1', { by: 'ada', reason: 'Easter.' }),
      acceptFleetRun(fleet, 'r1', { by: 'bob', reason: 'It is fine.' }),
    ]);
    const refused = both.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    expect(refused).toMatchObject([{ code: 'RUN_ACCEPTED' }]);
    expect((await registry.resolve('r1')).round).toBe(1);
  });

  it('completes what another person was stopped in, and says by whom it is accepted', async () => {
    const { fleet, store, registry } = await failedRun();
    const ada = { by: 'ada', at, reason: 'Easter.' };
    await store.create(acceptanceKey('r1'), Buffer.from(JSON.stringify(ada)));
    await expect(acceptFleetRun(fleet, 'r1', { by: 'bob', reason: 'x' })).rejects.toMatchObject({
      code: 'RUN_ACCEPTED',
      message: `run r1 was accepted by ada at ${at}, with the reason: Easter.`,
    });
    expect((await registry.resolve('r1')).phase).toBe('running');
  });

  it('is refused for a run that failed otherwise, and for one that goes on', async () => {
    const { fleet, store, append } = await failedRun('INPUT_DAMAGED');
    await expect(acceptFleetRun(fleet, 'r1', { reason: 'x' })).rejects.toMatchObject({
      code: 'RUN_STATE',
      message: expect.stringContaining('it is failed (INPUT_DAMAGED)'),
    });
    await append({ kind: 'reopened', at, by: 'ada', maxRejectedRows: null });
    await expect(acceptFleetRun(fleet, 'r1', { reason: 'x' })).rejects.toMatchObject({
      code: 'RUN_STATE',
      message: expect.stringContaining('it is running'),
    });
    expect(await store.head(acceptanceKey('r1'))).toBeUndefined();
  });
});
