import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ShardmillError } from '@shardmill/core';
import { loadSettings } from '@shardmill/client/load-settings';
import { createServices } from '@shardmill/client/services';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLineHarness, unwrapped } from '../../testing/command-line-harness.js';
import { captureTerminal, PLAIN } from '../../testing/samples.js';
import { type BackfillFlags, beginBackfill } from './begin-backfill.js';

let harness: CommandLineHarness;
let state: Record<string, string>;

beforeEach(async () => {
  harness = await CommandLineHarness.open();
  state = {
    SHARDMILL_STATE_URI: path.join(harness.root, 'state'),
    SHARDMILL_REDIS_URL: 'redis://127.0.0.1:1',
  };
  await writeJob();
});
afterEach(() => harness.close());

async function writeJob(change: object = {}): Promise<void> {
  const job = {
    name: 'nightly',
    input: { uri: 'in/ds={{ ds - 1d }}' },
    model: { uri: 'model.onnx' },
    output: { uri: 'out/ds={{ ds - 1d }}', columns: { score: 'score' } },
    schedule: { cron: '0 5 * * *', timezone: 'Asia/Dubai' },
    ...change,
  };
  await mkdir(path.join(harness.root, 'jobs/nightly'), { recursive: true });
  await writeFile(path.join(harness.root, 'jobs/nightly/job.json'), JSON.stringify(job));
}

const THREE = 'backfill nightly --from 2026-11-01 --to 2026-11-03';

async function shardmill(args: string): Promise<string> {
  const { exitCode, stdout, stderr } = await harness.shardmill(args, undefined, state);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
}

async function json(args: string): Promise<{ backfill: string; dates: unknown[] }> {
  return JSON.parse(await shardmill(`${args} --json`));
}

async function refused(args: string): Promise<string> {
  const { exitCode, stdout, stderr } = await harness.shardmill(args, undefined, state);
  expect([exitCode, stdout]).toEqual([2, '']);
  return unwrapped(stderr);
}

describe('choosing the dates of a backfill', () => {
  it('--dry-run shows each with why, and begins nothing', async () => {
    expect((await shardmill(`${THREE} --dry-run`)).split('\n')).toEqual([
      '+  2026-11-01  not scored yet',
      '+  2026-11-02  not scored yet',
      '+  2026-11-03  not scored yet',
      '',
      '3 dates to run, 0 left out; 3 at once, the oldest first',
      'How many rows and how long is not known: no date was scored before.  nothing was begun',
      '',
    ]);
    expect(await shardmill('backfill list')).toContain('no backfills');
  });

  it('shows the time of day where several dates share a day', async () => {
    await writeJob({
      output: { uri: 'out/{{ ts | yyyy-MM-dd/HH }}', columns: { score: 'score' } },
      schedule: { cron: '0 */12 * * *' },
    });
    const text = await shardmill(`${THREE} --dry-run`);
    expect(text).toContain('+  2026-11-01 12:00 Z  not scored yet');
  });

  it('leaves out what is not due, also with --every', async () => {
    const { dates } = await json(
      'backfill nightly --from 2026-01-01 --to 2099-01-01 --every month --dry-run',
    );
    expect(dates.at(-1)).toMatchObject({ taken: false, why: 'not due yet' });
    expect(dates[0]).toMatchObject({ ts: '2025-12-31T20:00:00.000Z', taken: true });
  });

  it('asks, and begins nothing where there is no terminal to ask', async () => {
    const { exitCode, stderr } = await harness.shardmill(THREE, undefined, state);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('+  2026-11-01  not scored yet');
    expect(unwrapped(stderr)).toContain('there is no terminal');
    expect(await shardmill('backfill list')).toContain('no backfills');
  });

  it('asks before it looks at more than 10,000 dates', async () => {
    const asked: string[] = [];
    const begin = async (flags: BackfillFlags, answer: boolean): Promise<string> => {
      const terminal = captureTerminal(harness.root);
      const env = { ...state };
      const services = createServices(await loadSettings({ flags: {}, cwd: harness.root, env }));
      const result = await beginBackfill('nightly', flags, terminal, services, async (question) => {
        asked.push(question);
        return answer;
      });
      return result.text(PLAIN);
    };
    await writeJob({ output: { uri: 'out/{{ ts | yyyyMMddHH }}', columns: { score: 'score' } } });
    const range = { from: '2025-01-01', to: '2026-02-28', every: 'hour' } as const;
    await expect(begin({ ...range, dryRun: true }, false)).rejects.toMatchObject({ code: 'USAGE' });
    expect(asked).toEqual(['2025-01-01 to 2026-02-28 has 10,176 dates. Look at each of them?']);
    const few = { from: '2026-02-28', to: '2026-02-28', every: 'day' } as const;
    expect(await begin(few, true)).toContain('✓ backfill');
    expect(asked.at(-1)).toBe('Run 1 date of nightly?');
  });

  it.each([
    ['backfill nightly --from 2026-11-01', '--to was not given'],
    ['backfill nightly --from 2026-11-31 --to 2026-12-01', '--from is "2026-11-31"'],
    ['backfill nightly --from 2026-11-02 --to 2026-11-01', 'lies before --from'],
    [`${THREE} -p ds=2026-11-01`, 'each date of a backfill has its own'],
    [`${THREE} --every fortnight`, 'Allowed choices are hour, day, week, month.'],
    [
      `${THREE} --local --max-active 2`,
      "option '--local' cannot be used with option '--max-active",
    ],
    ['backfill churn --from 2026-11-01 --to 2026-11-02', 'the job churn has no schedule'],
    ['backfill churn --from 2026-11-01 --to 2026-11-02 --every day', 'BACKFILL_OUTPUT_SHARED'],
    ['backfill show nothing', 'error BACKFILL_NOT_FOUND'],
    ['backfill cancel', "missing required argument 'backfill'"],
  ])('%s is refused: %s', async (args, message) => {
    expect(await refused(args)).toContain(message);
  });

  it('refuses dates that share an output, and names two', async () => {
    await writeJob({ output: { uri: 'out/{{ ds | yyyy-MM }}', columns: { score: 'score' } } });
    const error = await refused(`${THREE} --yes`);
    expect(error).toContain('2026-11-01T01:00:00.000Z and 2026-11-02T01:00:00.000Z');
    expect(error).toContain('out/2026-11');
    expect(error).toContain('where  output.uri');
  });
});

it('a single date shares the location of its job with the dates around it', async () => {
  const one = 'backfill nightly --from 2026-11-01 --to 2026-11-01 --dry-run --reprocess all';
  const columns = { day: "'{{ ds }}'", score: 'score' };
  // Found there by its dates, and not taken for the date that is asked for.
  const manifest = path.join(harness.root, 'jobs/nightly/out/_shardmill/r1');
  await mkdir(manifest, { recursive: true });
  const plan = { runId: 'r1', createdAt: '', digest: '', mode: 'append' };
  const params = { ds: '2026-11-02' };
  await writeFile(path.join(manifest, 'plan.json'), JSON.stringify({ ...plan, job: { params } }));
  for (const mode of ['append', 'overwrite']) {
    await writeJob({ output: { uri: 'out', table: 'delta', mode, columns } });
    const { dates } = await json(one);
    expect(dates).toMatchObject([
      mode === 'append'
        ? { taken: true, why: 'not scored yet', mode: 'append' }
        : { taken: false, why: expect.stringContaining('run r1 of another date (2026-11-02)') },
    ]);
  }
});

it('dates that are partitions of one table are chosen one by one', async () => {
  const output = { uri: 'out', table: 'delta', columns: { day: 'day', score: 'score' } };
  const partitioned = { ...output, partitionBy: ['day'], mode: 'replace-partitions' };
  await writeJob({ output: partitioned });
  const { dates } = await json(`${THREE} --dry-run`);
  expect(dates).toMatchObject(
    [1, 2, 3].map(() => ({ taken: true, mode: 'replace-partitions', replaces: null })),
  );
  const error = await refused('plan churn --mode replace-partitions');
  expect(error).toContain("'replace-partitions' is a mode of tables");
});

describe('a backfill of the fleet', () => {
  it('is stored with its dates, listed, cancelled and resumed', async () => {
    const { backfill, dates } = await json(`${THREE} --newest-first --max-active 2 --yes`);
    expect(dates).toHaveLength(3);
    expect(await shardmill('backfill list')).toContain(`${backfill}  nightly`);
    expect(await json('backfill show last')).toMatchObject({
      backfill,
      state: 'running',
      maxActive: 2,
      counts: { open: 3, finished: 0 },
      dates: [
        { ts: '2026-11-03T01:00:00.000Z', state: 'open' },
        { ts: '2026-11-02T01:00:00.000Z' },
        { ts: '2026-11-01T01:00:00.000Z' },
      ],
    });
    expect(await refused(`backfill resume ${backfill}`)).toContain('error BACKFILL_STATE');
    expect(await shardmill(`backfill cancel ${backfill.slice(0, 17)}`)).toContain(
      'will be cancelled',
    );
    expect(await json('backfill cancel last')).toMatchObject({ state: 'cancelling' });
  });

  it('has the dates that it will run: another one leaves them out', async () => {
    const { backfill } = await json(`${THREE} --yes`);
    const text = await shardmill('backfill nightly --from 2026-11-03 --to 2026-11-04 --dry-run');
    expect(text).toContain(`·  2026-11-03  backfill ${backfill} runs it`);
    expect(text).toContain('+  2026-11-04  not scored yet');
  });
});

describe('a backfill on this machine', () => {
  it('runs each date with its own parameters, and notes how it ended', async () => {
    const { exitCode, stdout, stderr } = await harness.shardmill(
      `${THREE} --local --yes`,
      undefined,
      state,
    );
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('3 of 3 dates finished')]);
    expect(stderr).toContain('2026-11-02: date 2 of 3');
    expect(harness.calls.map(({ params }) => params['ds'])).toEqual([
      '2026-11-01',
      '2026-11-02',
      '2026-11-03',
    ]);
    expect(harness.calls[0]?.job.output.uri).toBe(
      path.join(harness.root, 'jobs/nightly/out/ds=2026-10-31'),
    );
    expect(await json('backfill show last')).toMatchObject({
      state: 'finished',
      dates: [{ state: 'finished', outcome: { rows: { read: 7043 } } }, {}, {}],
    });
    // What these dates took is what others are expected to take.
    const next = 'backfill nightly --from 2026-11-04 --to 2026-11-05 --dry-run';
    expect(await shardmill(next)).toContain('About 14,086 rows and 500 ms, by 3 dates that were');
  });

  it('ends with 1 where dates failed, and runs only those when it is resumed', async () => {
    const failure = new ShardmillError('INPUT_DAMAGED', 'a page is damaged');
    const failed = await harness.shardmill(`${THREE} --local --yes`, failure, state);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain('2026-11-03: ✗ INPUT_DAMAGED: a page is damaged');
    expect(unwrapped(failed.stderr)).toContain('error BACKFILL_FAILED  3 of 3 dates');

    const dry = await shardmill(`${THREE} --dry-run`);
    expect(dry).toContain('·  2026-11-01  failed: INPUT_DAMAGED (--reprocess failed)');
    const taken = await shardmill(`${THREE} --dry-run --reprocess failed`);
    expect(taken).toContain('+  2026-11-01  failed: INPUT_DAMAGED');

    const resumed = await harness.shardmill('backfill resume last', undefined, state);
    expect(resumed.stdout).toContain('3 of 3 dates finished');
    expect(harness.calls).toHaveLength(6);
  });

  it('that is interrupted goes on at the date at which it was stopped', async () => {
    const stop = new ShardmillError('INTERRUPTED', 'the run was stopped');
    const { exitCode, stderr } = await harness.shardmill(`${THREE} --local --yes`, stop, state);
    expect(exitCode).toBe(130);
    expect(unwrapped(stderr)).toContain('shardmill backfill resume last');
    const { exitCode: second } = await harness.shardmill('backfill resume last', undefined, state);
    expect(second).toBe(0);
    expect(harness.calls.map(({ params }) => params['ds'])).toEqual([
      '2026-11-01',
      '2026-11-01',
      '2026-11-02',
      '2026-11-03',
    ]);
  });
});
