import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type ErrorCode,
  type Job,
  type JobDefinition,
  type ShardmillError,
  Stores,
  toShardmillError,
} from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { EngineProcess, type PlanningLimits } from '@shardmill/worker';
import { afterAll, beforeAll, expect } from 'vitest';
import { localRun } from '../../packages/client/dist/local-run/local-run.js';
import { readDefinition } from '../../packages/client/dist/read-definition/read-definition.js';
import { fillIn } from '../../packages/client/dist/prepare-job.js';
import { usualJob, useWorkplace, type Workplace } from '../support/workplace.js';

const MIB = 2 ** 20;
/** Limits of an attack that may end because it takes long. */
const SHORT_LIMITS = { timeoutMs: 3000, memoryLimitBytes: 1000 * MIB };
/** Limits of an attack that ends otherwise, however busy the machine is. */
const LIMITS = { timeoutMs: 30_000, memoryLimitBytes: 1000 * MIB };
/** Limits of a good job, which a busy machine must not fail. */
const GOOD_LIMITS = { timeoutMs: 60_000, memoryLimitBytes: 2000 * MIB };
/** What an attack may take from its beginning to its end, on a busy machine. */
const MAX_MS = 45_000;
/** What this process may grow by during one attack. */
const MAX_GROWTH_BYTES = 400 * MIB;

/** How an attack ended: `finished`, or the code of the error. */
export type AttackEnd = 'finished' | ErrorCode;

/** How often a job in order is begun while attacks go on. */
const BESIDE_EVERY_MS = 8000;

/** How an attack ended, and all that was said of it. */
export interface Attacked {
  readonly end: AttackEnd;
  readonly said: string;
}

/**
 * A workplace with a job in order, and an engine process for all attacks of a file: a new one where
 * an attack ended it. On an engine of its own the job in order is scored beside them, over and over.
 */
export class AttackField {
  #engine: EngineProcess | undefined;
  #neighbour: EngineProcess | undefined;
  #beside: Promise<void> | undefined;
  #besideAt = -Infinity;
  #besideEnds: AttackEnd[] = [];
  #runs = 0;
  #before = new Map<string, string>();

  constructor(readonly place: Workplace) {}

  async open(): Promise<void> {
    await this.place.prepare({ rows: 50 });
    await this.good();
  }

  async close(): Promise<void> {
    await this.#beside;
    await Promise.all([this.#engine?.close(), this.#neighbour?.close()]);
  }

  /** The job in order was scored beside the attacks, each time that it was begun. */
  async finishedBeside(): Promise<void> {
    await this.#beside;
    expect(this.#besideEnds.length).toBeGreaterThan(0);
    expect(new Set(this.#besideEnds)).toEqual(new Set(['finished']));
  }

  /**
   * Runs a job, and checks what holds however it ends: in bounded time and memory, with a code that
   * says what was wrong, nothing written but in its own output.
   * @param ends how it may end: one that may run out of time is given little of it.
   */
  async run(change: Partial<JobDefinition>, ends = /./): Promise<AttackEnd> {
    return (await this.attack(change, ends.test('PLAN_TIMEOUT') ? SHORT_LIMITS : LIMITS)).end;
  }

  /** Runs as `run` does, and keeps what was printed. */
  async attack(change: Partial<JobDefinition>, limits = LIMITS): Promise<Attacked> {
    return this.#guarded(async (output) => {
      const file = this.place.path('job.json');
      const partTimeout = `${limits.timeoutMs}ms`;
      const errors = { partTimeout, attempts: 1, ...change.errors };
      const job = parseJob(jobTo(output, { ...change, errors }), file);
      if (this.#engine?.alive !== true) this.#engine = EngineProcess.start();
      await this.#score(job, file, limits, this.#engine);
    });
  }

  /** Reads a definition from a file, and runs it. */
  async runDefinition(name: string, content: string | Uint8Array): Promise<AttackEnd> {
    const file = await this.place.write(`definitions/${name}`, content);
    await this.#look();
    const { end } = await this.#guarded(async () => {
      const job = parseJob(await readDefinition(file), file);
      if (this.#engine?.alive !== true) this.#engine = EngineProcess.start();
      await this.#score(job, file, LIMITS, this.#engine);
    });
    return end;
  }

  /** A job in order is scored, after whatever was done. */
  async good(): Promise<void> {
    await this.#look();
    expect((await this.attack({}, GOOD_LIMITS)).end).toBe('finished');
  }

  /** Where the next run writes to. */
  get #output(): string {
    return this.place.path('outputs', String(this.#runs));
  }

  /** Begins to score the job in order, unless that is going on or was begun a moment ago. */
  #startBeside(): void {
    const now = performance.now();
    if (this.#beside !== undefined || now - this.#besideAt < BESIDE_EVERY_MS) return;
    this.#besideAt = now;
    const file = this.place.path('job.json');
    const output = this.place.path('outputs', `beside-${this.#besideEnds.length}`);
    if (this.#neighbour?.alive !== true) this.#neighbour = EngineProcess.start();
    this.#beside = this.#score(
      parseJob(jobTo(output, {}), file),
      file,
      GOOD_LIMITS,
      this.#neighbour,
    )
      .then(
        () => 'finished' as const,
        (thrown: unknown) => toShardmillError(thrown).code,
      )
      .then((end) => {
        this.#besideEnds.push(end);
        this.#beside = undefined;
      });
  }

  async #guarded(attack: (output: string) => Promise<void>): Promise<Attacked> {
    this.#runs++;
    const output = this.#output;
    if (this.#before.size === 0) await this.#look();
    this.#startBeside();
    const began = performance.now();
    const memory = process.memoryUsage().rss;
    const attacked = await attack(output).then(
      (): Attacked => ({ end: 'finished', said: '' }),
      (thrown: unknown): Attacked => {
        const error = toShardmillError(thrown);
        const said = `${error.code} ${error.where} ${error.remedy} ${error.message} ${error.stack}`;
        // The errors of several shards must not have them, either.
        expect(said).not.toMatch(/\bINTERNAL\b|\bPLAN_MISMATCH\b/);
        expect(error.message).not.toMatch(/\n\s+at |0x[0-9a-f]{8,}|Stack Trace/);
        return { end: error.code, said };
      },
    );
    expect(performance.now() - began).toBeLessThan(MAX_MS);
    expect(process.memoryUsage().rss - memory).toBeLessThan(MAX_GROWTH_BYTES);
    expect(await this.#files()).toEqual(this.#before);
    return attacked;
  }

  async #score(
    job: Job,
    file: string,
    limits: PlanningLimits,
    engine: EngineProcess,
  ): Promise<void> {
    await localRun(
      {
        ...fillIn({ job, definition: {}, file }, {}, this.place.path(), new Date()),
        lanes: 1,
        engines: 1,
        memoryLimit: '1000MiB',
        signal: new AbortController().signal,
        engine: lend(engine),
        stores: new Stores(),
        cacheFolder: this.place.path('cache'),
        limits,
      },
      { planned() {}, progress() {}, notice() {} },
    );
  }

  /** Takes what is there now as what must stay so. */
  async #look(): Promise<void> {
    this.#before = await this.#files();
  }

  /** Files outside of outputs and of the cache, with sizes and times. */
  async #files(): Promise<Map<string, string>> {
    const root = this.place.path();
    const found = new Map<string, string>();
    for (const name of await readdir(root, { recursive: true })) {
      if (/^(outputs|cache|\.cache)(\/|$)/.test(name)) continue;
      const info = await stat(path.join(root, name)).catch(() => undefined);
      if (info?.isFile()) found.set(name, `${info.size} ${info.mtimeMs}`);
    }
    return found;
  }
}

/** Opens a field for the tests of a file; at their end a job in order is scored once more. */
export function useAttackField(): AttackField {
  const field = new AttackField(useWorkplace('file'));
  beforeAll(() => field.open());
  afterAll(async () => {
    await field.finishedBeside();
    await field.good();
    await field.close();
  });
  return field;
}

/** The usual job with these keys in place of its own, and another place for its output. */
function jobTo(output: string, change: Partial<JobDefinition>): JobDefinition {
  const definition = { ...usualJob, ...change };
  return { ...definition, output: { ...usualJob.output, ...definition.output, uri: output } };
}

/** An engine that a run does not end when it is over, but ends where a limit is passed. */
function lend(engine: EngineProcess): EngineProcess {
  return new Proxy(engine, {
    get(target, key) {
      if (key === 'close') return async (): Promise<void> => {};
      if (key === 'kill') {
        return (reason: ShardmillError): void => {
          if (reason.code !== 'INTERRUPTED') target.kill(reason);
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
