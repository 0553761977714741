import { rm } from 'node:fs/promises';
import { showBackfill } from '@shardmill/client/backfill';
import { listRuns } from '@shardmill/client/fleet';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { documentOf, failureOf, useFleet } from '../support/fleet.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { logisticRegression } from '@shardmill/test-kit';

const place = useWorkplace();
const fleet = useFleet(place);

const DAYS = [1, 2, 3, 4, 5, 6];
const date = (day: number): string => `2026-11-0${day}`;
/** Each date has another number of rows. */
const rowsOf = (day: number): number => 100 * day;

/** Input of each day, and a job that writes to a folder for each. */
beforeEach(async () => {
  for (const day of DAYS) await writeDay(day);
  await place.write('model.onnx', logisticRegression({ features: 3 }));
  await place.writeJob({
    input: { uri: 'lake/ds={{ ds }}' },
    output: {
      uri: 'scores/{{ ds | yyyy/MM/dd }}',
      columns: { id: 'id', score: 'score' },
    },
    schedule: { cron: '0 5 * * *' },
    plan: { partRows: 100, shardParts: 1 },
  });
});

const writeDay = (day: number): Promise<string> =>
  place.writeParquet(
    `lake/ds=${date(day)}/a.parquet`,
    `SELECT i AS id, (i % 7)::DOUBLE AS a, (i % 5)::DOUBLE AS b, (i % 3)::DOUBLE AS c FROM range(${rowsOf(day)}) r(i)`,
  );

const backfill = (...args: string[]) =>
  place.shardmill('backfill', 'job.json', '--yes', '--json', ...args);
const RANGE = ['--from', date(1), '--to', date(6)];

const begunDocument = z.object({ backfill: z.string().nullable(), taken: z.number() });
const begin = async (...args: string[]): Promise<z.output<typeof begunDocument>> =>
  begunDocument.parse(documentOf(await backfill(...RANGE, ...args)));

const shownDocument = z.object({
  state: z.string(),
  counts: z.object({ open: z.number(), finished: z.number(), failed: z.number() }),
  dates: z.array(
    z.object({
      ts: z.string(),
      state: z.string(),
      outcome: z.object({ run: z.string(), runRound: z.number() }).nullable(),
    }),
  ),
});
type Shown = z.output<typeof shownDocument>;
const show = async (): Promise<Shown> =>
  shownDocument.parse(documentOf(await place.shardmill('backfill', 'show', 'last', '--json')));
/** The same from below the command. */
const look = async (): Promise<Shown> => {
  const { backfill, ...shown } = await fleet.ask((client) => showBackfill(client, 'last'));
  return shownDocument.parse({ state: backfill.phase, ...shown });
};

const until = async (what: string, is: (shown: Shown) => boolean): Promise<Shown> => {
  let shown: Shown | undefined;
  await waitFor(what, async () => is((shown = await look())));
  return shown ?? look();
};

const listed = z.array(z.object({ run: z.string(), state: z.string() }));
const runs = async (): Promise<z.output<typeof listed>> =>
  listed.parse(documentOf(await place.shardmill('runs', '--all', '--json')));

/** Every row of every day once, and each day from one run. */
async function expectEveryDayOnce(days: readonly number[]): Promise<void> {
  const found = await place.sql(`
    SELECT regexp_extract(filename, 'scores/(.*)/part', 1) AS day, count(*) AS n,
      count(DISTINCT id) AS ids,
      count(DISTINCT regexp_extract(filename, 'part-(\\d+T\\d+Z-[0-9a-f]+)', 1)) AS runs
    FROM read_parquet('${place.path('scores')}/**/*.parquet', filename = true)
    GROUP BY day ORDER BY day`);
  expect(found).toEqual(
    days.map((day) => ({
      day: `2026/11/0${day}`,
      n: rowsOf(day),
      ids: rowsOf(day),
      runs: 1,
    })),
  );
}

test('goes on when the terminal is closed, a scheduler is killed and Redis is emptied', async () => {
  const [first] = [fleet.scheduler('--interval', '500ms'), fleet.scheduler('--interval', '500ms')];
  await fleet.ready(2, 0);
  const { taken } = await begin('--max-active', '2');
  expect(taken).toBe(6);
  fleet.worker();
  await until('two dates to be done', ({ counts }) => counts.finished >= 2);
  first.kill('SIGKILL');
  await fleet.redis.flushAll();
  await until('another one to be done', ({ counts }) => counts.finished >= 4);
  fleet.scheduler('--interval', '500ms');
  const shown = await until('the end', ({ state }) => state === 'finished');
  expect(new Set(shown.dates.map(({ outcome }) => outcome?.run)).size).toBe(6);
  expect(await runs()).toHaveLength(6);
  await expectEveryDayOnce(DAYS);
});

test('is cancelled and resumed', async () => {
  fleet.scheduler('--interval', '500ms');
  await fleet.ready(1, 0);
  await begin('--max-active', '3');
  await waitFor(
    'three runs to be begun',
    async () => (await fleet.ask((client) => listRuns(client, true))).runs.length === 3,
  );
  documentOf(await place.shardmill('backfill', 'cancel', 'last', '--json'));
  await until('it to be cancelled', ({ state }) => state === 'cancelled');
  expect((await runs()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);

  fleet.worker();
  documentOf(await place.shardmill('backfill', 'resume', 'last', '--wait', '--json'));
  expect((await runs()).map(({ state }) => state)).toEqual(DAYS.map(() => 'finished'));
  await expectEveryDayOnce(DAYS);
});

test('a date that fails is run again alone, and one that was scored replaces its own output', async () => {
  await rm(place.path(`lake/ds=${date(3)}`), { recursive: true });
  await fleet.start(1);
  const failed = failureOf(await backfill(...RANGE, '--wait'), 1);
  expect(failed.message).toMatch(/^1 of 6 dates/);
  expect(failed.code).toBe('BACKFILL_FAILED');
  const before = await show();
  expect(before.dates.map(({ state }) => state === 'failed')).toEqual(DAYS.map((day) => day === 3));

  const left = begunDocument.parse(documentOf(await backfill(...RANGE, '--dry-run')));
  expect(left.taken).toBe(0);
  await writeDay(3);
  const again = documentOf(await backfill(...RANGE, '--reprocess', 'failed', '--wait'));
  expect(again).toMatchObject({ counts: { finished: 1 }, state: 'finished' });
  await expectEveryDayOnce(DAYS);

  const partsOf = (day: number) =>
    place.sql(`SELECT filename FROM read_parquet('${place.path(`scores/2026/11/0${day}`)}/*.parquet', filename = true)
      GROUP BY filename ORDER BY filename`);
  const parts = await Promise.all(DAYS.map(partsOf));
  const one = ['--from', date(5), '--to', date(5), '--reprocess', 'all', '--wait'];
  expect(documentOf(await backfill(...one))).toMatchObject({ counts: { finished: 1 } });
  const after = await Promise.all(DAYS.map(partsOf));
  for (const [i, names] of after.entries()) {
    if (DAYS[i] === 5) expect(names).not.toEqual(parts[i]);
    else expect(names).toEqual(parts[i]);
  }
  await expectEveryDayOnce(DAYS);
});

test('is run here without Redis, killed in the middle, and goes on where it was', async () => {
  await fleet.redis.stop();
  const process = place.start('backfill', 'job.json', '--yes', '--local', ...RANGE);
  await waitFor('it to be begun', () => process.stderr.includes('date 1 of 6'), process);
  await until('two dates to be done', ({ counts }) => counts.finished >= 2);
  process.kill('SIGKILL');
  await process.ended;
  const killed = await show();
  expect(killed.state).toBe('running');

  const resumed = await place.shardmill('backfill', 'resume', 'last', '--json');
  expect(documentOf(resumed)).toMatchObject({ state: 'finished', counts: { finished: 6 } });
  const done = killed.dates.flatMap(({ outcome }) => (outcome === null ? [] : [outcome.run]));
  const shown = await show();
  const [kept] = [shown.dates.slice(0, done.length).map(({ outcome }) => outcome?.run)];
  expect(kept).toEqual(done);
  await expectEveryDayOnce(DAYS);
});
