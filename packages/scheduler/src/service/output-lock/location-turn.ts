import type { RegisteredRun } from '../../state/fold-run.js';
import type { OutputTurns } from '../../state/output-turns.js';
import type { Clock } from '../runtime/clock.js';
import type { SchedulerSettings } from '../runtime/scheduler-options.js';
import { type PlacedRun, whoGoesFirst } from './run-turn.js';
import { Standby } from '../runtime/standby.js';

/** How long a run waits whether one that was submitted before it takes the location. */
const COURTESY_INTERVALS = 4;

export interface LocationTurnContext {
  readonly turns: OutputTurns;
  /** The other runs that have not ended. */
  readonly others: (run: string) => readonly PlacedRun[];
  readonly clock: Clock;
  readonly settings: SchedulerSettings;
}

/** Whether it is a run's turn to write to its output location. */
export class LocationTurn {
  /** The run that has the location's turn, or should have the next. */
  waitsFor: string | undefined;
  #ownRound: number | undefined;
  readonly #standby: Standby;

  constructor(
    readonly output: string,
    readonly context: LocationTurnContext,
  ) {
    this.#standby = new Standby(context.clock);
  }

  /** Takes the turn where it is free; it stays this round's until the round ends. */
  async take(mine: RegisteredRun): Promise<boolean> {
    const { round } = mine;
    if (this.#ownRound === round) return true;
    const { turns, others, settings } = this.context;
    const { run } = mine.request;
    const earlier = whoGoesFirst({ run: mine, output: this.output }, others(run));
    const patience = COURTESY_INTERVALS * settings.intervalMs;
    const mayTake = earlier === undefined || this.#standby.hasWaited(earlier, patience);
    const turn = await turns.take({ output: this.output, run, round }, mayTake);
    const isMine = turn?.run === run && turn.round === round;
    this.waitsFor = isMine ? undefined : (turn?.run ?? earlier);
    // Courtesy begins when the location is free.
    if (turn !== undefined) this.#standby.reset();
    if (isMine) this.#ownRound = round;
    return isMine;
  }
}
