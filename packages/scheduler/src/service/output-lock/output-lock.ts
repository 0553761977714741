import type { RegisteredRun } from '../../state/fold-run.js';
import type { OutputLocks } from '../../state/output-locks.js';
import type { Clock } from '../runtime/clock.js';
import type { SchedulerSettings } from '../runtime/scheduler-options.js';
import { type PlacedRun, findPredecessor } from './run-order.js';
import { Standby } from '../runtime/standby.js';

/** How long a run waits whether one that was submitted before it locks the location. */
const PREDECESSOR_INTERVALS = 4;

export interface OutputLockContext {
  readonly outputLocks: OutputLocks;
  /** The other runs that have not ended. */
  readonly others: (run: string) => readonly PlacedRun[];
  readonly clock: Clock;
  readonly settings: SchedulerSettings;
}

/** The lock of one run's output location: whether the run may write there. */
export class OutputLock {
  /** The run that holds the lock, or should have it before this one. */
  waitsFor: string | undefined;
  #ownRound: number | undefined;
  readonly #standby: Standby;

  constructor(
    readonly output: string,
    readonly context: OutputLockContext,
  ) {
    this.#standby = new Standby(context.clock);
  }

  /** Acquires the lock where it is free; the round holds it until it ends. */
  async acquire(mine: RegisteredRun): Promise<boolean> {
    const { round } = mine;
    if (this.#ownRound === round) return true;
    const { outputLocks, others, settings } = this.context;
    const { run } = mine.request;
    const predecessor = findPredecessor({ run: mine, output: this.output }, others(run));
    const patienceMs = PREDECESSOR_INTERVALS * settings.intervalMs;
    const mayAcquire =
      predecessor === undefined || this.#standby.hasWaited(predecessor, patienceMs);
    const holder = await outputLocks.acquire({ output: this.output, run, round }, mayAcquire);
    const isMine = holder?.run === run && holder.round === round;
    this.waitsFor = isMine ? undefined : (holder?.run ?? predecessor);
    // The wait for the predecessor begins when the location is free.
    if (holder !== undefined) this.#standby.reset();
    if (isMine) this.#ownRound = round;
    return isMine;
  }
}
