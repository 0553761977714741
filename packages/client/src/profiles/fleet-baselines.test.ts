import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ALL_ROWS,
  describeDataset,
  FileStore,
  type Job,
  type JobDefinition,
  type Plan,
  ShardmillError,
} from '@shardmill/core';
import { jobSchema } from '@shardmill/core/schemas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetBaselines, type ProfileMakers } from './fleet-baselines.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-fleet-baselines-'));
});
afterEach(() => rm(folder, { recursive: true }));

const jobOf = (change: Partial<JobDefinition> = {}): Job =>
  jobSchema.parse({
    name: 'test',
    input: { uri: 'data.parquet', version: 3 },
    model: { uri: 'model.onnx' },
    output: { uri: 'out', passThrough: ['id'], columns: { score: 'score' } },
    drift: { baseline: 'train.parquet' },
    checks: [{ name: 'rows', kind: 'rowCount', min: 1 }],
    ...change,
  });

const planOf = (modelDigest: string, output: string): Pick<Plan, 'scoring' | 'pages'> => ({
  scoring: {
    input: { columns: [], used: [], layouts: [], partitionColumns: [], where: null },
    model: { uri: 'm', sha256: modelDigest, bytes: 1, externalData: [], inputs: [], outputs: [] },
    features: [],
    transform: null,
    nulls: 'reject',
    output: { uri: output, columns: [], compression: 'zstd', rowGroupRows: 1 },
  },
  pages: [{ shards: 1, sha256: 'files' }],
});

const planned = { features: [], profile: { sampling: ALL_ROWS, features: [], omitted: 0 } };
const nothing = { sampledRows: 0, features: [], outputs: [] };

/** What is asked of the makers, whose model has a digest, and whose profiles are numbered. */
function makers(modelDigest = 'one') {
  const seen: { plans: Job[]; profiles: Job[] } = { plans: [], profiles: [] };
  const made: ProfileMakers = {
    plan: async ({ job }) => {
      seen.plans.push(job);
      return planOf(modelDigest, job.output.uri);
    },
    profile: async ({ job }) => {
      const number = seen.profiles.push(job);
      return describeDataset({ uri: `${modelDigest} ${number}` }, planned, nothing);
    },
  };
  return { made, seen };
}

async function baselineOf(made: ProfileMakers, job = jobOf(), jobFile = '/jobs/job.json') {
  const request = {
    run: '20261126T000000Z-00000000',
    submittedAt: '',
    key: null,
    job,
    jobFile,
    params: {},
    priority: 50,
    failFast: false,
    submittedBy: 'a@b',
  };
  const source = fleetBaselines(new FileStore(folder), made);
  return source(request, new AbortController().signal, {});
}

describe('a training set that jobs of a fleet are compared with', () => {
  it('is the input of the job in its profile, which is not judged and has all features', async () => {
    const { made, seen } = makers();
    expect(await baselineOf(made)).toMatchObject({ uri: '/jobs/train.parquet' });
    const [job] = seen.plans;
    expect(job).toMatchObject({
      input: { uri: '/jobs/train.parquet' },
      output: { passThrough: [] },
      profile: { features: true, rows: 'all' },
    });
    expect([job?.checks, job?.drift, job?.input.version]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is profiled once, until it changes or what scores it', async () => {
    const { made, seen } = makers();
    const first = await baselineOf(made);
    expect(await baselineOf(made)).toEqual(first);
    // The same profile for a job that lies elsewhere.
    const same = { baseline: '/jobs/train.parquet' };
    expect(await baselineOf(made, jobOf({ drift: same }), '/other/job.json')).toEqual(first);
    expect(seen.profiles).toHaveLength(1);
    const other = await baselineOf(makers('two').made);
    expect(other?.profile.dataset).toEqual({ uri: 'two 1' });
    expect(await readdir(path.join(folder, 'baselines'))).toHaveLength(2);
  });

  it('is profiled anew where what was kept of it cannot be read', async () => {
    const { made, seen } = makers();
    await baselineOf(made);
    const [name = ''] = await readdir(path.join(folder, 'baselines'));
    await writeFile(path.join(folder, 'baselines', name), '{"format":"shardmill-profile/9"}');
    expect((await baselineOf(made))?.profile.dataset).toEqual({ uri: 'one 2' });
    expect(seen.profiles).toHaveLength(2);
  });

  it.each([
    ['previous', undefined],
    ['base.json', undefined],
  ])('is none where the baseline is %s', async (baseline, expected) => {
    const { made, seen } = makers();
    expect(await baselineOf(made, jobOf({ drift: { baseline } }))).toBe(expected);
    expect(seen.plans).toEqual([]);
  });

  it.each([
    [
      'PLAN_TIMEOUT',
      /profile create JOB --input \/jobs\/train.parquet --output \/jobs\/train.profile.json/,
    ],
    ['INPUT_DAMAGED', /^Write it anew\.$/],
  ] as const)('that ends with %s says so, and what to do', async (code, remedy) => {
    const { made } = makers();
    const failing: ProfileMakers = {
      ...made,
      profile: async () => {
        throw new ShardmillError(code, 'it is so', { remedy: 'Write it anew.' });
      },
    };
    await expect(baselineOf(failing)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^the training set .* was not profiled: it is so$/),
      where: '/jobs/train.parquet',
      remedy: expect.stringMatching(remedy),
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
