import type { JobSchedule } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import {
  parseTickId,
  RunRegistry,
  ScheduleRegistry,
  SummaryPages,
  TickLog,
} from '@shardmill/scheduler';
import { FleetTickRuns, ScheduleReconciler } from '@shardmill/scheduler/schedules';
import { createRandom } from '@shardmill/test-kit';
import { SimObjects, SimStore } from './sim-store.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Settings under which a year passes in a minute. */
const SETTINGS = {
  intervalMs: HOUR_MS,
  relistMs: HOUR_MS,
  pollMs: 20 * MINUTE_MS,
  summaryMs: 6 * HOUR_MS,
  standbyMs: 1000,
};
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

/** A scheduler process: its clock is wrong by a constant, and it dies, sleeps and starts anew. */
interface SimProcess {
  readonly name: string;
  readonly offset: number;
  store: SimStore;
  reconciler: ScheduleReconciler;
  /** When it does its next round, in true time; while it is down or suspended, when it comes back. */
  wakeAt: number;
  lastRoundAt: number;
  /** Whether it lost what it knew. */
  down: boolean;
}

export interface SimSchedule {
  readonly name: string;
  readonly schedule: Partial<JobSchedule> & { readonly cron: string };
}

export interface SimOptions {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly schedules: readonly SimSchedule[];
  readonly processes: number;
}

/** What happened in the end. */
export interface SimOutcome {
  readonly ticks: TickLog;
  readonly runs: readonly SimRun[];
  /** That each kind of trouble was there at all. */
  readonly faults: Readonly<Record<'deaths' | 'suspensions' | 'failures' | 'outages', number>>;
}

export interface SimRun {
  readonly schedule: string;
  readonly tick: number;
  /** When it was submitted, by a clock that is right. */
  readonly submittedAt: number;
}

/** Lets a year of schedules pass, under schedulers that die, sleep and disagree about the time. */
export class SimYear {
  readonly #random: () => number;
  readonly #objects = new SimObjects();
  readonly #processes: SimProcess[];
  readonly #runs: SimRun[] = [];
  /** Runs to be ended by the fleet, by when. */
  readonly #ends: { readonly at: number; readonly run: string }[] = [];
  readonly #faults = { deaths: 0, suspensions: 0, failures: 0, outages: 0 };
  #now: number;
  #outageUntil = 0;
  #calm = false;

  constructor(readonly options: SimOptions) {
    const random = createRandom(options.seed);
    this.#random = () => random.uniform();
    this.#now = options.from;
    this.#objects.onCreated = (key, bytes) => this.#hear(key, bytes);
    const { processes } = options;
    this.#processes = Array.from({ length: processes }, (_, i) => {
      // From five minutes behind to five minutes ahead.
      const offset = processes === 1 ? 0 : (i / (processes - 1) - 0.5) * 10 * MINUTE_MS;
      const name = `s${i}`;
      const { from } = options;
      return {
        name,
        offset,
        wakeAt: from,
        lastRoundAt: from,
        down: false,
        ...this.#start(name, offset),
      };
    });
  }

  async run(): Promise<SimOutcome> {
    await this.#setSchedules();
    await this.#pass(this.options.to);
    // Once the faults stop, what is due is done.
    this.#calm = true;
    await this.#pass(this.options.to + 3 * DAY_MS);
    const ticks = new TickLog(this.#store());
    return { ticks, runs: this.#runs, faults: this.#faults };
  }

  async #setSchedules(): Promise<void> {
    const registry = new ScheduleRegistry(this.#store());
    for (const { name, schedule } of this.options.schedules) {
      const job = parseJob(
        {
          name,
          input: { uri: 's3://lake/in/{{ ds }}' },
          model: { uri: 's3://lake/m.onnx' },
          output: { uri: 's3://lake/out/{{ ts | yyyyMMddHHmm }}', columns: { a: 'a' } },
          schedule: { end: new Date(this.options.to).toISOString(), ...schedule },
        },
        'job.json',
      );
      const { schedule: parsed } = job;
      if (parsed === undefined) throw new Error('there is no schedule');
      const work = {
        job: { ...job, schedule: parsed },
        jobFile: '/jobs/job.json',
        params: {},
        priority: 50,
        failFast: false,
      };
      await registry.set(name, work, { by: 'me', now: new Date(this.#now) });
    }
  }

  async #pass(until: number): Promise<void> {
    for (;;) {
      const next = Math.min(...this.#processes.map(({ wakeAt }) => wakeAt));
      if (next > until) break;
      const passed = Math.max(0, next - this.#now);
      this.#now += passed;
      await this.#endRuns();
      if (this.#happens(passed, 8 * DAY_MS)) {
        this.#faults.outages++;
        this.#outageUntil = this.#now + this.#random() * HOUR_MS;
      }
      const awake = this.#processes.filter(({ wakeAt }) => wakeAt <= this.#now);
      await Promise.all(awake.map((process) => this.#round(process)));
    }
    this.#now = until;
  }

  async #round(process: SimProcess): Promise<void> {
    if (process.down) {
      Object.assign(process, this.#start(process.name, process.offset), { down: false });
    }
    const passed = this.#now - process.lastRoundAt;
    process.lastRoundAt = this.#now;
    const dies = this.#happens(passed, 3 * DAY_MS);
    // Killed in the midst of it, or at its end.
    if (dies) process.store.callsLeft = Math.floor(this.#random() * 12);
    const next = await process.reconciler.reconcile();
    process.wakeAt = Math.max(next - process.offset, this.#now + 1000);
    if (dies) {
      this.#faults.deaths++;
      process.store.dead = true;
      process.down = true;
      process.wakeAt = this.#now + this.#random() * (this.#random() < 0.2 ? 30 : 1) * HOUR_MS;
    } else if (this.#happens(passed, 3 * DAY_MS)) {
      // A machine that is suspended wakes up with what it knew.
      this.#faults.suspensions++;
      process.wakeAt = this.#now + this.#random() * 20 * HOUR_MS;
    }
  }

  /** Whether something that comes once in a while comes in this time. */
  #happens(passedMs: number, everyMs: number): boolean {
    return !this.#calm && this.#random() < Math.min(0.5, passedMs / everyMs);
  }

  #start(name: string, offset: number): Pick<SimProcess, 'store' | 'reconciler'> {
    const store = this.#store(() => {
      if (this.#calm) return 0;
      return this.#now < this.#outageUntil ? 1 : 0.003;
    });
    const clock = { now: () => Math.floor(this.#now + offset), sleep: async () => {} };
    const runs = new FleetTickRuns({ runs: new RunRegistry(store), announce: () => {} });
    const reconciler = new ScheduleReconciler({
      registry: new ScheduleRegistry(store),
      ticks: new TickLog(store),
      summaries: new SummaryPages(store),
      runs,
      by: name,
      clock,
      log: SILENT,
      settings: SETTINGS,
      // As where Redis was emptied: each takes itself for the first.
      leads: () => true,
    });
    return { store, reconciler };
  }

  #store(failing: () => number = () => 0): SimStore {
    return new SimStore(this.#objects, this.#random, failing, () => this.#faults.failures++);
  }

  /** A run was submitted, or begins another round. */
  #hear(key: string, bytes: Uint8Array): void {
    const [, run, number] = /^runs\/([^/]+)\/(\d+)\.json$/.exec(key) ?? [];
    if (run === undefined) return;
    const entry: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (number === '000000') {
      const tick: unknown = Reflect.get(Object(entry), 'tick');
      const schedule = String(Reflect.get(Object(tick), 'schedule'));
      const id = String(Reflect.get(Object(tick), 'id'));
      this.#runs.push({ schedule, tick: parseTickId(id)?.tick ?? 0, submittedAt: this.#now });
    } else if (Reflect.get(Object(entry), 'kind') !== 'reopened') return;
    this.#ends.push({ at: this.#now + this.#random() * 15 * MINUTE_MS, run });
  }

  /** What workers do: most runs finish, some fail. */
  async #endRuns(): Promise<void> {
    const registry = new RunRegistry(this.#store());
    const over = this.#ends.filter(({ at }) => at <= this.#now);
    if (over.length === 0) return;
    this.#ends.splice(0, this.#ends.length, ...this.#ends.filter(({ at }) => at > this.#now));
    const at = new Date(this.#now).toISOString();
    const rows = { read: 1, scored: 1, rejected: 0, filtered: 0 };
    const error = { code: 'INPUT_NOT_FOUND', message: 'm', remedy: 'r' } as const;
    for (const { run } of over) {
      const fails = this.#random() < 0.03;
      const seen = await registry.resolve(run);
      if (seen.phase === 'submitted' && fails) {
        await registry.append(seen, { kind: 'failed', at, error, shardsFailed: 0 });
        continue;
      }
      for (const event of [
        { kind: 'planned', at, planRun: run },
        { kind: 'finalizing', at },
        { kind: 'finished', at, rows },
      ] as const) {
        const now = await registry.resolve(run);
        if (now.phase === 'running' && event.kind === 'planned') continue;
        await registry.append(now, event);
      }
    }
  }
}
