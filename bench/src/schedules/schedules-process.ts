import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapConcurrent } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import {
  parseTickId,
  RunRegistry,
  ScheduleRegistry,
  SummaryPages,
  TickLog,
} from '@shardmill/scheduler';
import { FleetTickRuns, ScheduleReconciler, systemClock } from '@shardmill/scheduler/schedules';
import { workPath } from '../work-folder.js';
import { CountingStore } from './counting-store.js';
import type { SchedulesAnswer } from './schedules-result.js';

const SCHEDULES = 10_000;
/** Schedules that are due every second while all the others are followed. */
const FREQUENT = 5;
const TICKS_MS = 12_000;
const ZONES = ['UTC', 'Asia/Dubai', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

const folder = await workPath('schedules');
await rm(folder, { recursive: true, force: true });
const store = new CountingStore(folder);
await mapConcurrent(Array.from({ length: SCHEDULES }), 16, (_, i) =>
  set(`nightly-${i}`, cronOf(i), i),
);

const coldStart = await measured(async () => {
  const reconciler = open({ summaryMs: 1 });
  await reconciler.reconcile();
  // It has something to write down now.
  await sleep(5);
  await reconciler.reconcile();
});
const reconciler = open();
const start = await measured(() => reconciler.reconcile());
const round = await measured(async () => {
  reconciler.changed();
  await reconciler.reconcile();
});
const submission = await measureSubmission();
const answer: SchedulesAnswer = {
  schedules: SCHEDULES,
  coldStart: { cpuMs: coldStart.cpuMs, reads: coldStart.reads },
  start: { cpuMs: start.cpuMs, reads: start.reads },
  round,
  submission,
  residentBytes: process.memoryUsage().rss,
};
await rm(folder, { recursive: true, force: true });
process.stdout.write(JSON.stringify(answer));

/** Times of the night, so that nothing is due while this goes on. */
function cronOf(i: number): string {
  const month = ((new Date().getUTCMonth() + 6) % 12) + 1;
  return `${i % 60} ${i % 6} * ${month} *`;
}

async function set(name: string, cron: string, i: number): Promise<void> {
  const job = parseJob(
    {
      name,
      input: { uri: `s3://lake/${name}/ds={{ ds - 1d }}` },
      model: { uri: 's3://lake/model.onnx' },
      features: { features: ['a', 'b', 'c'] },
      output: { uri: `s3://lake/out/${name}/ts={{ ts }}`, columns: { score: 'score' } },
      schedule: { cron, timezone: ZONES[i % ZONES.length], overlap: 'queue' },
    },
    'job.json',
  );
  const { schedule } = job;
  if (schedule === undefined) throw new TypeError('the job has a schedule');
  const work = {
    job: { ...job, schedule },
    jobFile: '/jobs/job.json',
    params: {},
    priority: 50,
    failFast: false,
  };
  await new ScheduleRegistry(store).set(name, work, { by: 'bench', now: new Date() });
}

function open(settings: { readonly summaryMs?: number } = {}): ScheduleReconciler {
  return new ScheduleReconciler({
    registry: new ScheduleRegistry(store),
    ticks: new TickLog(store),
    summaries: new SummaryPages(store),
    runs: new FleetTickRuns({ runs: new RunRegistry(store), announce: () => {} }),
    by: 'bench',
    clock: systemClock,
    log: SILENT,
    settings: {
      intervalMs: 5_000,
      relistMs: 60_000,
      pollMs: 5_000,
      summaryMs: 60_000,
      standbyMs: 1_000,
      ...settings,
    },
    leads: () => true,
  });
}

async function measured(
  work: () => Promise<unknown>,
): Promise<{ readonly cpuMs: number; readonly reads: number; readonly listed: number }> {
  const [reads, listed, before] = [store.reads, store.listed, process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return {
    cpuMs: (user + system) / 1000,
    reads: store.reads - reads,
    listed: store.listed - listed,
  };
}

/** With runs that nobody ends, so that only the first tick of each schedule has one: all of several. */
async function measureSubmission(): Promise<SchedulesAnswer['submission']> {
  const delays: number[] = [];
  const runs = new RunRegistry(store);
  const pending: Promise<void>[] = [];
  store.onCreated = (key) => {
    const [, run] = /^runs\/([^/]+)\/000000\.json$/.exec(key) ?? [];
    if (run === undefined) return;
    const at = Date.now();
    pending.push(
      runs.resolve(run).then(({ request }) => {
        const tick = parseTickId(request.tick?.id ?? '')?.tick;
        if (tick !== undefined) delays.push(at - tick);
      }),
    );
  };
  for (let i = 0; i < FREQUENT; i++) await set(`often-${i}`, `${i * 2}-59/10 * * * * *`, i);
  reconciler.changed();
  await reconciler.reconcile();
  reconciler.start();
  await sleep(TICKS_MS);
  await reconciler.close();
  await Promise.all(pending);
  if (delays.length === 0) throw new Error('no tick was submitted');
  delays.sort((a, b) => a - b);
  return {
    ticks: delays.length,
    medianMs: delays[Math.floor(delays.length / 2)] ?? Number.NaN,
    maxMs: delays.at(-1) ?? Number.NaN,
  };
}
