import { newRunId, ShardmillError } from '@shardmill/core';
import { hasEnded, type RegisteredRun } from '../../state/fold-run.js';
import type { RunRegistry } from '../../state/run-registry.js';
import type { TickRecord } from '../ticks/fold-tick.js';
import type { StoredSchedule } from '../store/stored-schedule.js';
import { requestOfTick } from '../ticks/tick-request.js';
import type { RunStanding, TickRuns } from './tick-runs.js';

export interface FleetTickRunsOptions {
  readonly runs: RunRegistry;
  /** Notifies the schedulers of a run that was submitted or changed, which would find it later. */
  readonly announce: (run: string) => void;
}

/** Runs of ticks that workers of a fleet score: each is submitted to the log of runs. */
export class FleetTickRuns implements TickRuns {
  readonly local = null;
  readonly #runs: RunRegistry;
  readonly #announce: (run: string) => void;
  readonly #seen = new Map<string, RegisteredRun>();

  constructor({ runs, announce }: FleetTickRunsOptions) {
    this.#runs = runs;
    this.#announce = announce;
  }

  newRun(now: Date): string {
    return newRunId(now);
  }

  async follow(tick: TickRecord, definition: () => Promise<StoredSchedule>): Promise<RunStanding> {
    const started = tick.events.findLast((event) => event.kind === 'started');
    // A process on one machine runs it.
    if (started === undefined || started.local !== null) return GOING_ON;
    const { run: id, round } = started;
    const known = this.#seen.get(id);
    const run = known === undefined ? await this.#runs.find(id) : await this.#runs.refresh(known);
    if (run === undefined) {
      await this.#runs.submit(requestOfTick(await definition(), tick.id, started));
      this.#announce(id);
      return GOING_ON;
    }
    this.#seen.set(id, run);
    if (!hasEnded(run)) return GOING_ON;
    if (run.phase === 'finished' || run.round >= round) return endOf(run);
    const by = `schedule ${tick.schedule}`;
    const options = { by, now: new Date(started.at), of: 'failed-or-cancelled' } as const;
    await this.#runs.reopen(id, options).catch(ignoreState);
    this.#announce(id);
    return GOING_ON;
  }

  async cancel({ run, schedule }: TickRecord): Promise<void> {
    if (run === null) return;
    await this.#runs.cancel(run, `schedule ${schedule}`, new Date()).catch(ignoreState);
    this.#announce(run);
  }

  forget({ run }: TickRecord): void {
    if (run !== null) this.#seen.delete(run);
  }
}

const GOING_ON: RunStanding = { kind: 'going-on' };

/** Another scheduler, or a person, was first: the next look finds what the run is now. */
function ignoreState(error: unknown): void {
  const code = error instanceof ShardmillError ? error.code : undefined;
  if (code !== 'RUN_STATE' && code !== 'RUN_NOT_FOUND') throw error;
}

function endOf(run: RegisteredRun): RunStanding {
  const { phase, round, error } = run;
  const finished = run.events.findLast((event) => event.kind === 'finished');
  const outcome = phase === 'finished' || phase === 'cancelled' ? phase : 'failed';
  return { kind: 'ended', outcome, error, rows: finished?.rows ?? null, round };
}
