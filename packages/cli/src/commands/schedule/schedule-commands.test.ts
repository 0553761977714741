import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLineHarness, unwrapped } from '../../testing/command-line-harness.js';

let harness: CommandLineHarness;
let state: Record<string, string>;

beforeEach(async () => {
  harness = await CommandLineHarness.open();
  state = {
    SHARDMILL_STATE_URI: path.join(harness.root, 'state'),
    // No Redis is there: schedules are the state location's.
    SHARDMILL_REDIS_URL: 'redis://127.0.0.1:1',
  };
  await writeJob('nightly');
});
afterEach(() => harness.close());

async function writeJob(name: string, change: object = {}): Promise<void> {
  const job = {
    name,
    input: { uri: 'in/ds={{ ds - 1d }}' },
    model: { uri: 'model.onnx' },
    output: { uri: 'out/ds={{ ds - 1d }}', columns: { score: 'score' } },
    schedule: { cron: '0 5 * * *', timezone: 'Asia/Dubai' },
    ...change,
  };
  await mkdir(path.join(harness.root, 'jobs', name), { recursive: true });
  await writeFile(path.join(harness.root, 'jobs', name, 'job.json'), JSON.stringify(job));
}

async function shardmill(args: string): Promise<string> {
  const { exitCode, stdout, stderr } = await harness.shardmill(args, undefined, state);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout;
}

const json = async (args: string): Promise<unknown> =>
  JSON.parse(await shardmill(`${args} --json`));

async function refused(args: string): Promise<string> {
  const { exitCode, stdout, stderr } = await harness.shardmill(args, undefined, state);
  expect([exitCode, stdout]).toEqual([2, '']);
  return unwrapped(stderr);
}

describe('schedule set', () => {
  it('adds, leaves and changes a schedule, and says when it is due', async () => {
    expect(await shardmill('schedule set nightly')).toMatch(
      /^✓ schedule nightly added; next at \d{4}-\d\d-\d\d 05:00 \+04:00, in \d+ \w+\n$/,
    );
    expect(await json('schedule set nightly')).toMatchObject({ outcome: 'unchanged', version: 0 });
    expect(await json('schedule set nightly --priority 70')).toMatchObject({
      name: 'nightly',
      outcome: 'changed',
      version: 1,
      next: expect.stringMatching(/T01:00:00\.000Z$/),
      notices: [],
    });
  });

  it.each([
    ['create', 'the second one will be refused'],
    ['overwrite', 'each one replaces what the last one wrote'],
  ])('warns of an output without a date in mode %s, as validate does', async (mode, words) => {
    await writeJob('same', { output: { uri: 'out/same', columns: { score: 'score' }, mode } });
    expect(unwrapped(await shardmill('schedule set same'))).toContain(words);
    expect(unwrapped(await shardmill('validate same'))).toContain(words);
    expect(await shardmill('validate nightly')).not.toContain('note');
  });

  it('refuses what would fail at night, with the place and a right example', async () => {
    await writeJob('bad', { input: { uri: 'in/{{ ds - 1m }}' } });
    const error = await refused('schedule set bad');
    expect(error).toContain('error TEMPLATE_INVALID');
    expect(error).toContain('"m" is no unit: write "min" for minutes, "month" for months');
    expect(error).toContain('where  input.uri');
    expect(error).toContain('{{ ds - 1d }}');
    expect(await refused('schedule set churn')).toContain('the job churn has no schedule');
    expect(await refused('schedule set nightly -p ds=2026-01-01')).toContain('"ds" was given');
    expect(await shardmill('schedule list')).toContain('no schedules');
  });
});

it('validate fills in the last tick, or that of the given day', async () => {
  await writeJob('hourly', {
    input: { uri: 'in/{{ interval_start | yyyy-MM-dd/HH }}' },
    output: { uri: 'out/{{ ts | yyyy-MM-dd/HH }}', columns: { score: 'score' } },
    schedule: { cron: '0 * * * *' },
  });
  const text = unwrapped(await shardmill('validate hourly -p ds=2026-11-22'));
  expect(text).toContain('ds=2026-11-22');
  expect(text).toContain('ts=2026-11-22T23:00:00Z');
  expect(text).toContain('interval_start=2026-11-22T22:00:00Z');
  expect(await shardmill('validate hourly')).toMatch(/ts=\d{4}-\d\d-\d\dT\d\d:00:00Z/);
});

describe('looking at schedules', () => {
  beforeEach(async () => {
    await shardmill('schedule set nightly');
  });

  it('list has state, last and next', async () => {
    expect(await shardmill('schedule list')).toMatch(
      /^schedule +state +last +next +late\nnightly +… new +– +in \d+ \w+\n$/,
    );
    expect(await json('schedule list')).toEqual([
      {
        name: 'nightly',
        job: 'nightly',
        cron: '0 5 * * *',
        timezone: 'Asia/Dubai',
        state: 'new',
        next: expect.stringMatching(/T01:00:00\.000Z$/),
        latenessMs: 0,
        last: null,
        lastSuccess: null,
        open: [],
      },
    ]);
  });

  it('show has what its runs do', async () => {
    const text = await shardmill('schedule show nightly');
    expect(text).toContain('cron    0 5 * * *  Asia/Dubai');
    expect(text).toContain('out/ds={{ ds - 1d }}  create');
    expect(await json('schedule show nightly')).toMatchObject({
      definition: { work: { job: { name: 'nightly' }, params: {} } },
    });
  });

  it('next has the zone and UTC', async () => {
    const [heads, ...ticks] = (await shardmill('schedule next nightly 3')).trim().split('\n');
    expect(heads).toMatch(/^Asia\/Dubai +UTC$/);
    expect(ticks).toHaveLength(3);
    for (const tick of ticks) expect(tick).toMatch(/ 05:00 \+04:00 {2}\d{4}-\d\d-\d\d 01:00 Z$/);
    expect(await json('schedule next nightly')).toMatchObject({
      timezone: 'Asia/Dubai',
      ticks: { length: 5 },
    });
  });

  it('history is empty at first, and names no schedule that is not there', async () => {
    expect(await shardmill('schedule history nightly')).toBe('no tick of nightly has come yet\n');
    expect(await refused('schedule history nightli')).toContain('Did you mean "nightly"?');
    expect(await refused('schedule show nightli')).toContain('error SCHEDULE_NOT_FOUND');
  });
});

describe('changing schedules', () => {
  beforeEach(async () => {
    await shardmill('schedule set nightly');
  });

  it('pause and resume say how it stands', async () => {
    expect(await shardmill('schedule pause nightly')).toContain('is paused');
    expect(await json('schedule pause nightly')).toMatchObject({ state: 'paused', changed: false });
    expect(await shardmill('schedule list')).toContain('– paused');
    expect(await shardmill('schedule set nightly')).toContain('schedule resume nightly');
    expect(await shardmill('schedule resume nightly')).toContain('goes on; next at');
    expect(await shardmill('schedule list')).toContain('… new');
  });

  it('trigger asks for a run of a date', async () => {
    expect(await json('schedule trigger nightly --date 2026-11-20')).toMatchObject({
      name: 'nightly',
      tick: '2026-11-20T01:00:00.000Z',
    });
    expect(await refused('schedule trigger nightly --date 20.11.2026')).toContain('is no date');
  });

  it('remove leaves no schedule', async () => {
    expect(await shardmill('schedule remove nightly')).toContain('is removed');
    expect(await refused('schedule remove nightly')).toContain(
      'error SCHEDULE_NOT_FOUND  there is no schedule "nightly".',
    );
    expect(await json('schedule list')).toEqual([]);
  });
});

describe('schedule sync', () => {
  it('shows what is added, changed and removed, and does it', async () => {
    await writeJob('weekly');
    expect(await json('schedule sync jobs --dry-run')).toMatchObject({
      dryRun: true,
      schedules: [
        { name: 'nightly', outcome: 'added' },
        { name: 'weekly', outcome: 'added' },
      ],
    });
    expect(await shardmill('schedule list')).toContain('no schedules');
    expect(await shardmill('schedule sync jobs')).toContain('2 added, 0 changed, 0 removed');

    await writeJob('nightly', { schedule: { cron: '0 6 * * *' } });
    await rm(path.join(harness.root, 'jobs/weekly'), { recursive: true });
    const dry = await shardmill('schedule sync jobs --dry-run');
    expect(dry).toContain('~ nightly');
    expect(dry).toContain('job.schedule.cron');
    expect(dry).toContain('--prune removes it');
    expect(dry).toContain('nothing was changed');
    expect(await shardmill('schedule sync jobs --prune')).toContain('- weekly');
    expect(await json('schedule list')).toMatchObject([{ name: 'nightly', cron: '0 6 * * *' }]);
  });

  it('changes nothing where one job is wrong', async () => {
    await writeJob('bad', { schedule: { cron: '0 0 30 2 *' } });
    expect(await refused('schedule sync jobs')).toContain('it never fires');
    expect(await shardmill('schedule list')).toContain('no schedules');
  });
});

it.each([
  ['schedule', 'a command is missing: one of set, sync, list'],
  ['schedule lst', 'unknown command "lst". Did you mean "list"?'],
  ['schedule next', "missing required argument 'name'"],
  ['schedule next nightly 0', 'Expected a whole number from 1 to 10000; found "0".'],
  ['schedule set nightly --prority 3', 'unknown option "--prority". Did you mean "--priority"?'],
])('%s is refused: %s', async (args, message) => {
  expect(await refused(args)).toContain(message);
});
