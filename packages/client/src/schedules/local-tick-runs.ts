import os from 'node:os';
import { isProcessAlive, type Logger, newRunId, toShardmillError } from '@shardmill/core';
import { requestOfTick, type StoredSchedule, type TickRecord } from '@shardmill/scheduler';
import type { RunStanding, TickRuns } from '@shardmill/scheduler/schedules';
import type { LocalRun } from '../local-run/run-types.js';

export interface LocalTickRunsOptions {
  /** `<host>-<pid>-<random>`: another one after each start. */
  readonly id: string;
  readonly localRun: LocalRun;
  readonly log: Logger;
  /** Called when the run of a tick has ended. */
  readonly onEnded: (schedule: string) => void;
  /** Aborted to stop what runs; it goes on with the next process. */
  readonly signal: AbortSignal;
}

type Ended = Extract<RunStanding, { kind: 'ended' }>;

/**
 * Runs of ticks in this process, one at a time. Where another process of this machine ran one and is
 * gone, this one goes on with it: parts that are done are kept.
 */
export class LocalTickRuns implements TickRuns {
  readonly local: string;
  readonly #options: LocalTickRunsOptions;
  /** Runs that this process has begun, by their ids; undefined while they go on. */
  readonly #begun = new Map<string, Ended | undefined>();
  readonly #stops = new Map<string, AbortController>();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: LocalTickRunsOptions) {
    this.#options = options;
    this.local = options.id;
  }

  newRun(now: Date): string {
    return newRunId(now);
  }

  async follow(tick: TickRecord, definition: () => Promise<StoredSchedule>): Promise<RunStanding> {
    const started = tick.events.findLast((event) => event.kind === 'started');
    // A fleet on the same state location runs it.
    if (started === undefined || started.local === null) return GOING_ON;
    if (started.local !== this.local) return isGone(started.local) ? ABANDONED : GOING_ON;
    const { run } = started;
    if (!this.#begun.has(run)) {
      const request = requestOfTick(await definition(), tick.id, started);
      this.#begun.set(run, undefined);
      this.#turn = this.#turn.then(() => this.#run(tick, request));
    }
    return this.#begun.get(run) ?? GOING_ON;
  }

  async cancel({ run }: TickRecord): Promise<void> {
    if (run !== null) this.#stops.get(run)?.abort();
  }

  forget({ run }: TickRecord): void {
    if (run === null) return;
    this.#begun.delete(run);
    this.#stops.delete(run);
  }

  /** Waits for the run that goes on; after `signal` was aborted, that is soon over. */
  async close(): Promise<void> {
    await this.#turn;
  }

  async #run(
    { schedule, round }: TickRecord,
    { run: runId, job, jobFile, params }: ReturnType<typeof requestOfTick>,
  ): Promise<void> {
    const { signal, localRun, log, onEnded } = this.#options;
    if (signal.aborted) return;
    const stop = new AbortController();
    this.#stops.set(runId, stop);
    const either = AbortSignal.any([signal, stop.signal]);
    const fields = { schedule, run: runId };
    const ended = (standing: Omit<Ended, 'kind' | 'round'>): void => {
      this.#begun.set(runId, { kind: 'ended', round, ...standing });
      onEnded(schedule);
    };
    log.info(fields, 'the run begins');
    try {
      const options = { job, jobFile, params, runId, signal: either, ifFinished: 'ok' } as const;
      const { manifest } = await localRun(options, {
        planned: () => {},
        progress: () => {},
        notice: (message) => log.warn(fields, message),
      });
      log.info({ ...fields, rows: manifest.rows }, 'the run has finished');
      ended({ outcome: 'finished', error: null, rows: manifest.rows });
    } catch (thrown) {
      const { code, message, where, remedy } = toShardmillError(thrown);
      // The next process goes on with it.
      if (signal.aborted) return;
      log.warn({ ...fields, code, where }, message);
      const error = { code, message, where, remedy };
      ended({ outcome: stop.signal.aborted ? 'cancelled' : 'failed', error, rows: null });
    }
  }
}

const GOING_ON: RunStanding = { kind: 'going-on' };
const ABANDONED: RunStanding = { kind: 'abandoned' };

/** Whether a process of this machine has ended; of another machine nothing is known. */
function isGone(id: string): boolean {
  const [, host, digits] = /^(.+)-(\d+)-[0-9a-f]+$/.exec(id) ?? [];
  const pid = Number(digits);
  if (host !== os.hostname()) return false;
  // In a container, each process has the same number.
  if (pid === process.pid) return true;
  return !isProcessAlive(pid);
}
