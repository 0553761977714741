import { ShardmillError } from '@shardmill/core';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { PlanSlots } from './plan-slots.js';

type Settled<T> = { readonly round: number } & (
  | { readonly result: T }
  | { readonly error: unknown }
);

export interface BackgroundTaskOptions {
  readonly slots: PlanSlots;
  /** Is called when the work of a round has ended. */
  readonly wake: () => void;
  /** Why work is stopped, as a sentence without its full stop. */
  readonly stopped: string;
}

/** Work for one round of a run at a time, in the background, so that the run can be cancelled meanwhile. */
export class BackgroundTask<T> {
  #underWay: AbortController | undefined;
  #settled: Settled<T> | undefined;

  constructor(readonly options: BackgroundTaskOptions) {}

  get underWay(): boolean {
    return this.#underWay !== undefined;
  }

  /** Begins work where none is under way. @returns false where no slot is free: then it has to be tried again. */
  begin({ request, round }: RegisteredRun, work: (signal: AbortSignal) => Promise<T>): boolean {
    if (this.underWay) return true;
    const { slots, wake } = this.options;
    const release = slots.take({ run: request.run, submitter: request.submittedBy });
    if (release === undefined) return false;
    const controller = new AbortController();
    this.#underWay = controller;
    void work(controller.signal)
      .then(
        (result) => ({ round, result }),
        (error: unknown) => ({ round, error }),
      )
      .then((settled) => {
        release();
        if (this.#underWay !== controller) return;
        this.#settled = settled;
        this.#underWay = undefined;
        wake();
      });
    return true;
  }

  /** Stops the work: its result is not needed any more. */
  stop(run: string): void {
    this.options.slots.leave(run);
    this.#underWay?.abort(new ShardmillError('INTERRUPTED', this.options.stopped));
    this.#underWay = undefined;
  }

  /**
   * What the work for a round came to, once; undefined where it has not come to an end.
   * @throws what it failed with
   */
  take(round: number): T | undefined {
    const settled = this.#settled;
    this.#settled = undefined;
    if (settled?.round !== round) return undefined;
    if ('error' in settled) throw settled.error;
    return settled.result;
  }
}
