import { readdir, readFile, rm } from 'node:fs/promises';
import { resolveParameters, ShardmillError, Stores } from '@shardmill/core';
import { loadPage } from '@shardmill/core/plans';
import { parseJob } from '@shardmill/core/schemas';
import { rewriteStatistics } from '@shardmill/test-kit/parquet';
import { chooseResources, EngineProcess, singlePassSetting, thisMachine } from '@shardmill/worker';
// The built files: they start their processes from their own folders.
import { OpenRun } from '../../packages/worker/dist/pool/open-run.js';
import { openRunFolders } from '../../packages/worker/dist/pool/run-folders.js';
import { localRun } from '@shardmill/client/local-run';
import { describe, expect, test } from 'vitest';
import { refusalOf, runOf } from '../support/command.js';
import { cutInHalf, damagePage, flipBit } from '../support/damage.js';
import { expectRefused } from '../support/expect-refusal.js';
import { Gate } from '../support/gate.js';
import { finishedMarks, partFacts, sha256Of } from '../support/output-folder.js';
import { planRun } from '../support/planned-run.js';
import { waitFor } from '../support/wait.js';
import { numbered, usualJob, useWorkplace } from '../support/workplace.js';
import { AMPLE_LIMITS } from '../support/ample-limits.js';

const place = useWorkplace();
const RUN = ['run', 'job.json', '--json'] as const;
const NONE = parseJob(usualJob, '/job.json').resources;
const ZSTD = 'ROW_GROUP_SIZE 2048, COMPRESSION zstd';

describe('a damaged page', () => {
  /** Four row groups, a part and a shard each; column `a` of row group 2 cannot be decoded. */
  async function damaged(): Promise<string> {
    await place.prepare({ job: { plan: { partRows: 2048, shardParts: 1 } } });
    const file = await place.writeParquet('data/a.parquet', numbered(8192), ZSTD);
    await damagePage(place, file, 2, 'a');
    return file;
  }

  test('fails the run, naming file, row group and column, and the good parts are kept', async () => {
    const file = await damaged();
    await expectRefused(place, await place.shardmill(...RUN), {
      code: 'INPUT_DAMAGED',
      exit: 1,
      message: /row group 2, column "a" cannot be decoded.*1 of 4 shards failed/s,
      where: file,
      remedy: /new run/,
    });
    expect(await place.results('count(*) AS n, count_if(id // 2048 = 2) AS bad')).toEqual([
      { n: 6144, bad: 0 },
    ]);
  });

  test('fails a run that goes on, and does not touch the parts that are done', async () => {
    await damaged();
    await place.shardmill(...RUN);
    const before = await partFacts(place.path('out'));
    expect(refusalOf(await place.shardmill(...RUN)).code).toBe('INPUT_DAMAGED');
    expect(await partFacts(place.path('out'))).toEqual(before);
  });

  test('that is repaired is another input: a new run, not mixed with the old one', async () => {
    await damaged();
    await place.shardmill(...RUN);
    await place.writeParquet('data/a.parquet', numbered(8192), ZSTD);
    await expectRefused(place, await place.shardmill(...RUN), {
      code: 'OUTPUT_EXISTS',
      message: /unfinished run .* of other data/,
      remedy: /--mode overwrite/,
    });
    const run = runOf(await place.shardmill(...RUN, '--mode', 'overwrite'));
    expect(run).toMatchObject({ resumed: false, rows: { scored: 8192 }, parts: 4 });
    expect(await place.results('count(*) AS n, count(DISTINCT id) AS ids')).toEqual([
      { n: 8192, ids: 8192 },
    ]);
  });

  test('is not met again by other shards of its row group in the same engine', async () => {
    await place.prepare();
    const file = await place.writeParquet(
      'data/a.parquet',
      numbered(8192),
      'ROW_GROUP_SIZE 8192, COMPRESSION zstd',
    );
    await damagePage(place, file, 0, 'a');
    const { plan, store } = await planRun(place, { plan: { partRows: 2048, shardParts: 1 } });
    const { shards } = await loadPage(store, plan, 0);
    const cacheFolder = place.path('cache');
    const resources = chooseResources({ lanes: 1, engines: 1 }, NONE, plan.scoring, thisMachine());
    const folders = await openRunFolders(plan, cacheFolder);
    const run = new OpenRun({
      settings: {
        ...resources,
        inputFolders: folders.inputFolders,
        stagingFolder: folders.stagingFolder,
        temporaryFolder: folders.temporaryFolder,
        runId: plan.runId,
        planDigest: plan.digest,
        jobName: plan.job.name,
        scoring: plan.scoring,
        parts: plan.totals.parts,
        singlePass: singlePassSetting({}),
      },
      memoryLimitBytes: resources.memoryLimitBytes,
      partTimeoutMs: 60_000,
      onProgress: () => {},
      startEngine: () => EngineProcess.start({ cacheFolder }),
    });
    try {
      const [first, second] = shards;
      if (first === undefined || second === undefined) throw new Error('there is one shard');
      const found = { code: 'INPUT_DAMAGED', where: file, message: /row group 0, column "a"/ };
      const failure = { ...found, message: expect.stringMatching(found.message) };
      await expect(run.scoreShard(first)).rejects.toMatchObject(failure);
      // Where the file were looked at again, this would be what is found.
      await rm(file);
      await expect(run.scoreShard(second)).rejects.toMatchObject(failure);
    } finally {
      await run.close(new ShardmillError('INTERRUPTED', 'the test is over'));
      await folders.close();
    }
  });

  test('of statistics in a footer is reported as such, with the columns that have them', async () => {
    await place.prepare();
    const file = await place.writeParquet('data/a.parquet', numbered(8192), ZSTD);
    const tooShort = { min: Uint8Array.of(1), max: Uint8Array.of(2) };
    await rewriteStatistics(file, (column, rowGroup) =>
      column === 'a' && rowGroup === 1 ? tooShort : 'keep',
    );
    await expectRefused(place, await place.shardmill(...RUN), {
      code: 'INPUT_DAMAGED',
      exit: 1,
      message: /row groups 0 to 3, column "a" cannot be decoded: .*stats size/,
      where: file,
      remedy: /new run/,
    });
  });

  test('of a column that the job does not use does no harm', async () => {
    const query = `SELECT *, md5(id::VARCHAR) AS unused FROM (${numbered(4096)})`;
    await place.prepare();
    const file = await place.writeParquet('data/a.parquet', query, ZSTD);
    await damagePage(place, file, 1, 'unused');
    expect(runOf(await place.shardmill(...RUN)).rows.scored).toBe(4096);
  });
});

describe('an input that changes after the plan was made', () => {
  /** The error of a run in this process, during which something happens before it scores. */
  async function runWith(change: () => Promise<unknown>): Promise<unknown> {
    // The engine waits in its transform until the change is made.
    const gate = await Gate.before(0, place);
    const jobFile = place.path('job.json');
    const job = parseJob(gate.job, jobFile);
    const options = {
      job,
      jobFile,
      params: resolveParameters(job, {}, new Date()),
      signal: new AbortController().signal,
      engine: EngineProcess.start(),
      stores: new Stores(),
      limits: AMPLE_LIMITS,
    };
    const changed = async (): Promise<void> => {
      await change();
      await gate.open();
    };
    const planned = (): void => void changed();
    const run = localRun(options, { planned, progress: () => {}, notice: () => {} });
    return run.then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  test.each([
    ['rewritten', () => place.writeParquet('data/a.parquet', numbered(200, 1000))],
    [
      'rewritten with the same bytes',
      async () => place.write('data/a.parquet', await readFile(place.path('data/a.parquet'))),
    ],
    ['removed', () => rm(place.path('data/a.parquet'))],
  ])('because it is %s fails the run', async (_, change) => {
    await place.prepare({ rows: 200 });
    expect(await runWith(change)).toMatchObject({
      code: 'INPUT_CHANGED',
      where: place.path('data/a.parquet'),
      remedy: expect.stringContaining('new run'),
      exitCode: 1,
    });
    expect(await finishedMarks(place.path('out'))).toEqual([]);
    expect((await partFacts(place.path('out'))).size).toBe(0);
  });
});

describe('a part that is changed behind the back of a run', () => {
  /** A run killed after two shards of two parts, of which the first shard has a record. */
  async function interrupted(): Promise<{ parts: string[]; gate: Gate }> {
    await place.prepare({ rows: 800 });
    const gate = await Gate.before(400, place);
    const run = place.start(...RUN);
    const out = place.path('out');
    const recorded = async (): Promise<boolean> =>
      (await place.sql(`SELECT count(*) AS n FROM glob('${out}/_shardmill/*/shards/*.json')`))[0]?.[
        'n'
      ] === 2;
    await waitFor('two shard records', recorded, run);
    run.kill('SIGKILL');
    await run.ended;
    await gate.open();
    return { parts: [...(await partFacts(out)).keys()].map((name) => `${out}/${name}`), gate };
  }

  test('by its size is found before the manifest is written', async () => {
    const { parts } = await interrupted();
    await cutInHalf(parts[1] ?? '');
    await expectRefused(place, await place.shardmill(...RUN), {
      code: 'OUTPUT_CONFLICT',
      exit: 1,
      message: /bytes, its shard record says/,
      where: parts[1] ?? '',
    });
  });

  test('by one bit no longer has the digest that the manifest has', async () => {
    const { parts } = await interrupted();
    await flipBit(parts[0] ?? '', 0.3);
    const { runId } = runOf(await place.shardmill(...RUN));
    const { parts: recorded } = await place.manifest(runId);
    const changed: string[] = [];
    for (const { key, sha256 } of recorded) {
      if ((await sha256Of(place.path('out', key))) !== sha256) changed.push(place.path('out', key));
    }
    expect(changed).toEqual([parts[0]]);
  });

  test('so that it cannot be read is found while the run goes on, and not overwritten', async () => {
    const { parts } = await interrupted();
    // Without its record the shard is worked again, from its parts.
    await removeRecords();
    const [part = ''] = parts;
    await damagePage(place, part, 0, 'score');
    const digest = await sha256Of(part);
    await expectRefused(place, await place.shardmill(...RUN), {
      code: 'OUTPUT_CONFLICT',
      exit: 1,
      message: /cannot be read/,
      where: part,
    });
    expect(await sha256Of(part)).toBe(digest);
  });

  test('by removing it is found before the manifest is written', async () => {
    const { parts } = await interrupted();
    await rm(parts[2] ?? '');
    await expectRefused(place, await place.shardmill(...RUN), {
      code: 'OUTPUT_CONFLICT',
      exit: 1,
      message: /is gone/,
      where: parts[2] ?? '',
    });
  });

  async function removeRecords(): Promise<void> {
    const state = place.path('out/_shardmill');
    for (const name of await readdir(state, { recursive: true })) {
      if (/shards\/\d+\.json$/.test(name)) await rm(`${state}/${name}`);
    }
  }
});
