import { type FleetClient, type JobDefinition, openFleet } from 'shardmill';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useFleet } from '../support/fleet.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const fleet = useFleet(place);
let client: FleetClient;
beforeEach(async () => {
  client = await openFleet({}, { base: place.path() });
});
afterEach(() => client.close());

const EVERY_MS = 2000;

test('every tick has one run, with two schedulers of which one is killed, and an emptied Redis', async () => {
  const job = (end?: string): Partial<JobDefinition> => ({
    output: { uri: 'out/{{ ts | HHmmss }}', columns: { id: 'id', score: 'score' } },
    schedule: {
      cron: '*/2 * * * * *',
      overlap: 'queue',
      catchUp: 'all',
      catchUpLimit: 500,
      ...(end === undefined ? {} : { end }),
    },
  });
  await place.prepare({ rows: 10, job: job() });
  const killed = fleet.scheduler('--interval', '500ms');
  fleet.scheduler('--interval', '500ms');
  fleet.worker();
  await fleet.ready(2, 1);
  const { schedule } = await client.schedules.set('job.json');
  const history = async () =>
    (await client.schedules.history('test', { count: 10_000 })).toReversed();
  const finished = async (): Promise<number> =>
    (await history()).filter(({ phase }) => phase === 'finished').length;

  await waitFor('the first runs', async () => (await finished()) >= 1);
  killed.kill('SIGKILL');
  await fleet.redis.flushAll();
  const before = await finished();
  await waitFor('runs without it', async () => (await finished()) >= before + 1);
  fleet.scheduler('--interval', '500ms');
  await fleet.redis.flushAll();
  const again = await finished();
  await waitFor('runs with it again', async () => (await finished()) >= again + 1);
  await place.writeJob(job(new Date().toISOString()));
  await client.schedules.set('job.json');
  await waitFor('the end of all that began', async () =>
    (await history()).every(({ phase }) => !['queued', 'running', 'retrying'].includes(phase)),
  );

  const ticks = await history();
  const [first] = ticks;
  const since = Date.parse(schedule.since);
  const expected = ticks.map((_, i) => Math.floor(since / EVERY_MS + 1 + i) * EVERY_MS);
  expect(ticks.map(({ tick }) => tick)).toEqual(expected);
  expect(new Set(ticks.map(({ phase }) => phase))).toEqual(new Set(['finished']));
  expect(first?.triggered).toBe(false);
  // The log of runs has these runs and no others.
  const runs = await client.runs({ all: true });
  expect(runs.map(({ run }) => run).toSorted()).toEqual(ticks.map(({ run }) => run).toSorted());
});

test('a run that fails is tried again, and one that a person asks for takes the date that is given', async () => {
  await place.prepare({
    rows: 10,
    job: {
      input: { uri: 'late/ds={{ ds }}' },
      output: { uri: 'out/ds={{ ds }}', columns: { id: 'id' } },
      schedule: { cron: '0 5 * * *', retries: 50, retryDelay: '500ms' },
    },
  });
  await fleet.start(1);
  await client.schedules.set('job.json');
  const { id } = await client.schedules.trigger('test', { date: '2026-11-22' });
  const found = async () => (await client.schedules.history('test')).find((tick) => tick.id === id);
  await waitFor('an attempt that failed', async () => ((await found())?.attempts ?? 0) > 1);
  expect((await found())?.error?.code).toBe('INPUT_NOT_FOUND');
  expect((await client.schedules.list())[0]?.state).toMatch(/^(retrying|running)$/);
  await place.writeParquet(
    'late/ds=2026-11-22/a.parquet',
    'SELECT range AS id, 1.0 AS a, 2.0 AS b, 3.0 AS c FROM range(10)',
  );
  await waitFor('the end', async () => (await found())?.phase === 'finished');
  const ended = await found();
  const run = await client.run(ended?.run ?? '');
  expect((await run.wait()).output).toBe(place.path('out/ds=2026-11-22'));
});
