import type { RunRequest, SchedulerService } from '@shardmill/scheduler';
import { jobOf } from '../../packages/scheduler/src/testing/job.js';
import { requestOf } from '../../packages/scheduler/src/testing/request.js';
import { checkEnd } from './end-checks.js';
import { Invariants, Violation } from './invariants.js';
import type { Fault, FaultKind, Scenario } from './scenario.js';
import { SimClient } from './sim-client.js';
import { type EngineRules, SOUND_ENGINE } from './sim-engine.js';
import { SimInput } from './sim-input.js';
import { SimQueue } from './sim-queue.js';
import { SimRedis } from './sim-redis.js';
import { STATE, startScheduler } from './sim-scheduler.js';
import { ObjectSpace, type StoreFault, type StoreRules } from './sim-store.js';
import { startWorker } from './sim-worker.js';
import { loggedRuns } from './state-log.js';
import { newProcess, type SimProcess, World } from './world.js';

/** A guard that is broken on purpose. */
export interface Broken {
  readonly store?: StoreRules | undefined;
  readonly engine?: EngineRules | undefined;
  readonly acknowledgesFirst?: boolean | undefined;
  readonly trustsPlans?: boolean | undefined;
  /** The queue says that everything is there. */
  readonly hidesLosses?: boolean | undefined;
}

export interface ScenarioResult {
  readonly steps: number;
  /** Simulated seconds. */
  readonly seconds: number;
  readonly ends: readonly string[];
  readonly fired: readonly FaultKind[];
  /** See `Invariants.lateSuccess`. */
  readonly lateSuccesses: number;
}

const SCHEDULERS = 2;
const OUT = 's3://lake/out';
const ELSEWHERE = 's3://lake/elsewhere';
/** Once faults have stopped, everything comes to rest within this. */
const REST_MS = 30 * 60_000;
const REST_STEPS = 30_000;
const REST_AFTER_MS = 20_000;

/** Lets a scenario come to pass. @throws Violation with what happened last */
export async function runScenario(
  scenario: Scenario,
  broken: Broken = {},
): Promise<ScenarioResult> {
  const simulation = new Simulation(scenario, broken);
  try {
    return await simulation.run();
  } catch (error) {
    if (error instanceof Violation) {
      error.message += `\n${simulation.world.trace.join('\n')}`;
    }
    throw error;
  } finally {
    for (const abandoned of simulation.world.leftovers) abandoned();
  }
}

interface Running {
  readonly process: SimProcess;
  readonly interrupt: () => void;
}

class Simulation {
  readonly world: World;
  readonly #invariants = new Invariants();
  readonly #space: ObjectSpace;
  readonly #redis: SimRedis;
  readonly #queue: SimQueue;
  readonly #input = new SimInput();
  readonly #schedulers: Running[] = [];
  readonly #workers: Running[] = [];
  readonly #clients = new Set<SimProcess>();
  readonly #fired = new Set<FaultKind>();
  #processes = 0;
  /** Submissions that have not come to their end. */
  #submitting = 0;

  constructor(
    readonly scenario: Scenario,
    readonly broken: Broken,
  ) {
    this.world = new World(randomOf(scenario.seed));
    this.#space = new ObjectSpace(
      this.world,
      (change) => this.#invariants.changed(change),
      broken.store,
    );
    this.#invariants.space = this.#space;
    this.#redis = new SimRedis(this.world, () => {});
    this.#redis.lost = scenario.lost;
    this.#redis.doubled = scenario.doubled;
    this.#queue = new SimQueue(this.world, this.#redis, 'cpu', (task) =>
      this.#invariants.settled(task),
    );
    if (broken.hidesLosses === true) {
      this.#queue.stateOf = (state) => (state === 'absent' ? 'waiting' : state);
    }
    this.#input.rejects = scenario.rejects;
  }

  async run(): Promise<ScenarioResult> {
    const { faults, second, secondAt, workers } = this.scenario;
    for (let i = 0; i < SCHEDULERS; i++) this.#startScheduler();
    for (let i = 0; i < workers; i++) this.#startWorker();
    const steps = [...faults].toSorted((a, b) => a.at - b.at);
    this.#submit('first', OUT, '/data/a');
    const last = Math.max(second === 'none' ? 0 : secondAt, steps.at(-1)?.at ?? 0);
    for (let step = 0; step <= last; step++) {
      if (step === secondAt && second !== 'none') this.#submitSecond(second);
      for (; steps[0]?.at === step; steps.shift()) this.#fire(steps[0]);
      await this.#step();
    }
    // From now on nothing goes wrong any more; what is frozen or away comes back in its time.
    this.world.note('faults stop');
    this.#space.faults.clear();
    await this.#untilAtRest();
    checkEnd(this.#space, this.#invariants, this.scenario);
    return {
      steps: this.world.steps,
      seconds: (this.world.now - Date.UTC(2026, 0, 1)) / 1000,
      ends: loggedRuns(this.#space).map(({ end }) => end?.kind ?? 'none'),
      fired: [...this.#fired],
      lateSuccesses: this.#invariants.lateSuccesses,
    };
  }

  async #step(): Promise<void> {
    if (!(await this.world.step())) throw new Violation(9, 'nothing can happen any more');
    this.#invariants.check();
  }

  async #untilAtRest(): Promise<void> {
    const [time, steps] = [this.world.now + REST_MS, this.world.steps + REST_STEPS];
    // Some more time, for processes that come late.
    let restsSince: number | undefined;
    while (restsSince === undefined || this.world.now - restsSince < REST_AFTER_MS) {
      restsSince = this.#isAtRest() ? (restsSince ?? this.world.now) : undefined;
      if (this.world.now > time || this.world.steps > steps) {
        throw new Violation(9, `no rest after ${REST_STEPS} steps or ${REST_MS} ms`);
      }
      await this.#step();
    }
  }

  /** Every run has ended, no process looks after one any more, and nothing is queued. */
  #isAtRest(): boolean {
    return (
      this.#submitting === 0 &&
      !this.#isLookedAfter() &&
      this.#queue.entries.size === 0 &&
      [...this.#schedulers, ...this.#workers].every(
        ({ process }) => process.diedAt !== undefined || this.world.isRunning(process),
      ) &&
      loggedRuns(this.#space).every(({ end }) => end !== undefined)
    );
  }

  /** A marker of a round that never began is what a command left that died. */
  #isLookedAfter(): boolean {
    const rounds = new Map(loggedRuns(this.#space).map(({ run, round }) => [run, round]));
    return this.#space.keys(STATE, 'active/').some((key) => {
      const [, run = '', round] = /^active\/(.+)\.(\d+)$/.exec(key) ?? [];
      return Number(round) <= (rounds.get(run) ?? -1);
    });
  }

  #submitSecond(second: Exclude<Scenario['second'], 'none'>): void {
    const [output, input] = [
      second === 'elsewhere' ? ELSEWHERE : OUT,
      second === 'other-data' ? '/data/b' : '/data/a',
    ];
    // Twice at the same time, as a step of a pipeline that was retried too early.
    this.#submit('second', output, input);
    this.#submit('second', output, input);
  }

  /** Submits until an answer has come: a process that dies over it is followed by another. */
  #submit(key: string, output: string, input: string): void {
    this.#submitting++;
    const run = `${key}-${this.#processes}`;
    const { mode, failFast } = this.scenario;
    const job = jobOf({
      input: { uri: input },
      output: { uri: output, columns: { score: 'score' }, mode },
      errors: { attempts: 100, maxRejectedRows: '100%' },
    });
    const submittedAt = new Date(this.world.now).toISOString();
    const request: RunRequest = requestOf({ run, key, job, failFast, submittedAt });
    const process = this.#client(
      (client) => client.submit(request),
      () => {
        this.#submitting--;
      },
    );
    this.#afterDeath(process, () => {
      this.#submitting--;
      this.#submit(key, output, input);
    });
  }

  /** A command that may fail; `onDone` is called when it has ended by itself. */
  #client(
    command: (client: SimClient) => Promise<void>,
    onDone: () => void = () => {},
  ): SimProcess {
    const process = newProcess(`client-${this.#processes++}`, 'client');
    this.#clients.add(process);
    const client = new SimClient(process, this.world, this.#space, this.#redis);
    const run = async (): Promise<void> => {
      try {
        await command(client);
        this.#clients.delete(process);
        onDone();
      } catch (error) {
        this.world.note(`${process.id} failed: ${String(error)}`);
        this.world.kill(process);
      }
    };
    void run();
    return process;
  }

  /** Looks whether a process died, and then does what follows on it. */
  #afterDeath(process: SimProcess, then: () => void): void {
    void this.world.op(this.world.network, `${process.id} is followed`, then, {
      isReady: () => process.diedAt !== undefined,
    });
  }

  #startScheduler(): void {
    const process = newProcess(`scheduler-${this.#processes++}`, 'scheduler');
    const { world, scenario } = this;
    const service: SchedulerService = startScheduler(process, {
      world,
      space: this.#space,
      queue: this.#queue,
      redis: this.#redis,
      input: this.#input,
      shards: scenario.shards,
      partsPerShard: scenario.partsPerShard,
    });
    this.#schedulers.push({ process, interrupt: () => void service.close() });
  }

  #startWorker(): void {
    const process = newProcess(`worker-${this.#processes++}`, 'worker');
    const interrupt = startWorker(process, {
      world: this.world,
      space: this.#space,
      queue: this.#queue,
      redis: this.#redis,
      input: this.#input,
      engine: this.broken.engine ?? SOUND_ENGINE,
      acknowledgesFirst: this.broken.acknowledgesFirst ?? false,
      trustsPlans: this.broken.trustsPlans ?? false,
    });
    this.#workers.push({ process, interrupt });
  }

  #fire({ kind, pick }: Fault): void {
    this.world.note(`fault ${kind} ${pick}`);
    this.#fired.add(kind);
    switch (kind) {
      case 'kill-scheduler':
        return this.#kill(choose(this.#schedulers, pick), pick, () => this.#startScheduler());
      case 'kill-worker':
        return this.#kill(choose(this.#workers, pick), pick, () => this.#startWorker());
      case 'kill-client': {
        const client = choose([...this.#clients], pick);
        if (client !== undefined) this.world.kill(client);
        return;
      }
      case 'interrupt-worker': {
        const worker = choose(this.#workers, pick);
        if (worker === undefined || !this.world.isRunning(worker.process)) return;
        worker.interrupt();
        this.#startWorker();
        return;
      }
      case 'freeze-scheduler':
        return this.#freeze(choose(this.#schedulers, pick), pick);
      case 'freeze-worker':
        return this.#freeze(choose(this.#workers, pick), pick);
      case 'flush-redis':
        this.#queue.flush();
        this.#redis.flush();
        return;
      case 'redis-away':
        this.#redis.awayUntil = this.world.now + pick * 60_000;
        this.world.wakeAt(this.#redis.awayUntil);
        return;
      case 'store-fails':
        return this.#failStore(pick);
      case 'overwrite-input':
        this.#input.overwrite();
        return;
      case 'poison':
        this.#input.poisoned.add(Math.floor(pick * this.scenario.shards));
        return;
      case 'crash-engine':
        this.#input.crashes++;
        return;
      case 'cancel':
        return this.#command(pick, (client, run) => client.cancel(run));
      case 'resume':
        this.#input.poisoned.clear();
        return this.#command(pick, (client, run) => client.resume(run));
      default: {
        const unknown: never = kind;
        throw new Error(`unknown fault ${String(unknown)}`);
      }
    }
  }

  #kill(running: Running | undefined, pick: number, restart: () => void): void {
    if (running === undefined || running.process.diedAt !== undefined) return;
    const { process } = running;
    this.#queue.expectLoss(process);
    this.world.kill(process);
    const due = this.world.now + pick * 30_000;
    void this.world.op(this.world.network, `${process.id} is started again`, restart, { due });
  }

  #freeze(running: Running | undefined, pick: number): void {
    if (running === undefined) return;
    this.#queue.expectLoss(running.process);
    this.world.freeze(running.process, pick * 40_000);
  }

  /** The next call of some process goes wrong, and perhaps the one after it. */
  #failStore(pick: number): void {
    const ways: readonly StoreFault[] = ['before', 'after', 'late', 'exists'];
    const processes = [...this.#schedulers, ...this.#workers].map(({ process }) => process);
    const process = choose([...processes, ...this.#clients], pick);
    if (process === undefined) return;
    const way = ways[Math.floor(this.world.random() * ways.length)] ?? 'before';
    const faults = this.#space.faults.get(process.id) ?? [];
    this.#space.faults.set(process.id, [...faults, way]);
  }

  #command(pick: number, command: (client: SimClient, run: string) => Promise<void>): void {
    const run = choose(loggedRuns(this.#space), pick)?.run;
    if (run !== undefined) this.#client((client) => command(client, run));
  }
}

function choose<T>(items: readonly T[], pick: number): T | undefined {
  return items[Math.floor(pick * items.length)];
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
