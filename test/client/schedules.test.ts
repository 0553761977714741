import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FleetClient, openFleet } from 'shardmill';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
let client: FleetClient;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-schedules-'));
  await mkdir(path.join(folder, 'jobs'));
  // No Redis is there: schedules do not need it.
  const redis = { url: 'redis://127.0.0.1:1' };
  client = await openFleet({ state: { uri: 'state' }, redis }, { base: folder });
});
afterEach(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

interface Change {
  readonly schedule?: object | undefined;
  readonly output?: object;
  readonly params?: object;
  readonly transform?: object;
}

/** Writes `jobs/NAME.json`. */
async function job(name: string, change: Change = {}): Promise<void> {
  const definition = {
    name,
    input: { uri: 'data/ds={{ ds - 1d }}' },
    model: { uri: 'm.onnx' },
    output: { uri: 'out/ds={{ ds - 1d }}', columns: { score: 'score' } },
    schedule: { cron: '0 5 * * *', timezone: 'Asia/Dubai' },
    ...change,
  };
  await writeFile(path.join(folder, 'jobs', `${name}.json`), JSON.stringify(definition));
}

test('a schedule is set, shown, paused, resumed and removed, without Redis', async () => {
  await job('churn');
  const set = await client.schedules.set('churn', { priority: 70 });
  expect(set).toMatchObject({ outcome: 'added', notices: [], schedule: { version: 0 } });
  expect((await client.schedules.set('churn', { priority: 70 })).outcome).toBe('unchanged');
  expect((await client.schedules.set('churn')).outcome).toBe('changed');

  const [listed] = await client.schedules.list();
  const { ticks } = await client.schedules.next('churn', 2);
  expect(listed).toMatchObject({
    name: 'churn',
    cron: '0 5 * * *',
    timezone: 'Asia/Dubai',
    state: 'new',
    next: ticks[0],
    latenessMs: 0,
    last: null,
  });
  expect(new Date(ticks[0] ?? 0).toISOString()).toMatch(/T01:00:00.000Z$/);

  await client.schedules.pause('churn');
  expect((await client.schedules.list())[0]).toMatchObject({ state: 'paused', next: null });
  await client.schedules.resume('churn');
  const shown = await client.schedules.show('churn');
  expect(shown.state).toBe('new');
  // The templates are those of the definition: each tick fills them in.
  expect(shown.definition.work.job.input.uri).toBe('data/ds={{ ds - 1d }}');
  expect(shown.definition.work.jobFile).toBe(path.join(folder, 'jobs', 'churn.json'));

  await client.schedules.remove('churn');
  expect(await client.schedules.list()).toEqual([]);
  await expect(client.schedules.show('churn')).rejects.toMatchObject({
    code: 'SCHEDULE_NOT_FOUND',
  });
});

test('a folder of jobs becomes the schedules, and a dry run only says so', async () => {
  await job('churn');
  await job('fraud', { schedule: { cron: '@hourly' } });
  await job('by-hand', { schedule: undefined });
  const dry = await client.schedules.sync('jobs', { dryRun: true });
  expect(dry.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['churn', 'added'],
    ['fraud', 'added'],
  ]);
  expect(await client.schedules.list()).toEqual([]);
  await client.schedules.sync('jobs');

  await job('churn', { schedule: { cron: '0 6 * * *', timezone: 'Asia/Dubai' } });
  await rm(path.join(folder, 'jobs', 'fraud.json'));
  const outcomes = async (options: object) =>
    (await client.schedules.sync('jobs', options)).map(({ name, outcome, changes }) => [
      name,
      outcome,
      changes,
    ]);
  expect(await outcomes({ dryRun: true, prune: true })).toEqual([
    ['churn', 'changed', ['job.schedule.cron']],
    ['fraud', 'removed', []],
  ]);
  expect(await outcomes({})).toEqual([
    ['churn', 'changed', ['job.schedule.cron']],
    ['fraud', 'kept', []],
  ]);
  expect(await outcomes({ prune: true })).toEqual([
    ['churn', 'unchanged', []],
    ['fraud', 'removed', []],
  ]);
  expect((await client.schedules.list()).map(({ name, cron }) => [name, cron])).toEqual([
    ['churn', '0 6 * * *'],
  ]);
});

test('a fault in one of the jobs of a folder changes nothing', async () => {
  await job('churn');
  await job('fraud', { schedule: { cron: '0 0 30 2 *' } });
  await expect(client.schedules.sync('jobs')).rejects.toMatchObject({
    code: 'JOB_INVALID',
    where: path.join(folder, 'jobs', 'fraud.json'),
  });
  await job('fraud', { output: { uri: 'out/{{ region }}', columns: { a: 'a' } } });
  await expect(client.schedules.sync('jobs')).rejects.toMatchObject({ code: 'PARAMETER_UNKNOWN' });
  expect(await client.schedules.list()).toEqual([]);
});

test('runs that would write to one location are warned about, and code says where it is loaded', async () => {
  const output = (mode: string) => ({ uri: 'out', columns: { score: 'score' }, mode });
  await job('create', { output: output('create') });
  await job('overwrite', { output: output('overwrite') });
  await job('append', { output: output('append') });
  await job('code', { transform: { columns: ['a'], module: './twist.mjs' } });
  const noticesOf = async (name: string) => (await client.schedules.set(name)).notices.join(' ');
  expect(await noticesOf('create')).toContain('the second one will be refused');
  expect(await noticesOf('overwrite')).toContain('each one replaces what the last one wrote');
  expect(await noticesOf('append')).toBe('');
  expect(await noticesOf('code')).toContain('each run loads it from ./twist.mjs');
});

test('what cannot be a schedule is refused, with what to do', async () => {
  await job('by-hand', { schedule: undefined });
  await expect(client.schedules.set('by-hand')).rejects.toMatchObject({
    code: 'JOB_INVALID',
    remedy: expect.stringContaining("cron: '0 5 * * *'"),
  });
  await job('churn', { params: { region: {} } });
  await expect(client.schedules.set('churn')).rejects.toMatchObject({ code: 'PARAMETER_MISSING' });
  const region = { region: 'eu' };
  await expect(
    client.schedules.set('churn', { param: { ...region, ds: '2026-11-22' } }),
  ).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('"ds" was given') });
  await expect(
    client.schedules.set('churn', { param: region, name: 'Churn EU' }),
  ).rejects.toMatchObject({ code: 'USAGE' });
  await client.schedules.set('churn', { param: region, name: 'churn-eu' });
  expect((await client.schedules.list()).map(({ name, job: of }) => [name, of])).toEqual([
    ['churn-eu', 'churn'],
  ]);
});

test('a trigger means the tick of a date, its first moment where it has none, or now', async () => {
  await job('churn', { schedule: { cron: '0 5 * * MON', timezone: 'Asia/Dubai' } });
  await client.schedules.set('churn');
  const idOf = async (date?: string) => (await client.schedules.trigger('churn', { date })).id;
  expect(await idOf('2026-11-23')).toBe('20261123T010000Z-m000001');
  expect(await idOf('2026-11-24')).toBe('20261123T200000Z-m000002');
  expect(await idOf('2026-11-24T07:30')).toBe('20261124T033000Z-m000003');
  expect(await idOf()).toMatch(/^\d{8}T\d{6}Z-m000004$/);
  await expect(idOf('yesterday')).rejects.toMatchObject({
    code: 'USAGE',
    remedy: expect.stringMatching(/Give a date such as \d{4}-\d\d-\d\d, or/),
  });
});
