import { type ObjectStore, toShardmillError } from '@shardmill/core';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { RunEvent } from '../../state/run-event.js';
import type { RunContext } from './run-context.js';
import { digestOfStored, type PlaceContext, planGone, RunPlace } from './run-place.js';

/** Finds the plan of a run at its output location, and keeps it for later steps. */
export class PlaceFinder {
  place: RunPlace | undefined;

  constructor(
    readonly context: PlaceContext & Pick<RunContext, 'stores'>,
    readonly output: string,
    readonly append: (event: RunEvent) => Promise<void>,
  ) {}

  forget(): void {
    this.place = undefined;
  }

  /** @throws PLAN_MISMATCH where the plan is gone */
  async open(run: RegisteredRun): Promise<RunPlace> {
    const place = await this.find(run);
    if (place === undefined) throw planGone(run.planRun, this.output);
    return place;
  }

  /** Undefined where there is no plan, or none any more because a later run took its place. */
  async find(run: RegisteredRun): Promise<RunPlace | undefined> {
    const { planRun, planDigest } = run;
    if (planRun === null) return undefined;
    if (this.place?.plan.runId !== planRun) {
      const store = this.context.stores.open(this.output);
      const digest = planDigest ?? (await this.#noteDigest(run, store, planRun));
      if (digest === undefined) return undefined;
      this.place = await RunPlace.find(this.context, store, { planRun, planDigest: digest });
    }
    return this.place;
  }

  /** Like `find`, for a run that is to be left: a plan that is not its own is none. */
  async findToLeave(run: RegisteredRun): Promise<RunPlace | undefined> {
    try {
      return await this.find(run);
    } catch (thrown) {
      const error = toShardmillError(thrown);
      if (error.code === 'PLAN_MISMATCH') return undefined;
      throw error;
    }
  }

  /** An earlier version planned the run, whose log has no digest: workers go by the log. */
  async #noteDigest(
    run: RegisteredRun,
    store: ObjectStore,
    planRun: string,
  ): Promise<string | undefined> {
    const planDigest = await digestOfStored(store, planRun);
    if (planDigest !== undefined && run.phase === 'running') {
      await this.append({ kind: 'planned', at: this.#now(), planRun, planDigest });
    }
    return planDigest;
  }

  #now(): string {
    return new Date(this.context.clock.now()).toISOString();
  }
}
