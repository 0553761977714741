import type { Manifest, ObjectStore, Plan } from '@shardmill/core';
import { loadPlan } from '@shardmill/core/plans';
import { restoreSuccess } from '../finalize/announce-success.js';
import { commitManifest, type FinalizeRequest, prepareManifest } from '../finalize/finalize-run.js';
import { beginRun } from '../output/begin-run.js';
import type { RegisteredRun } from '../state/fold-run.js';
import type { RunEvent } from '../state/run-event.js';
import { turnOf } from './attempt-round.js';
import type { RunContext } from './run-context.js';

/** A planned run at its output location: what a scheduler does there apart from dispatching. */
export class RunPlace {
  private constructor(
    readonly context: Pick<RunContext, 'clock' | 'versions' | 'metrics'>,
    readonly store: ObjectStore,
    readonly plan: Plan,
  ) {}

  /** @throws PLAN_MISMATCH where the plan is gone, STORE_… */
  static async open(
    context: Pick<RunContext, 'clock' | 'versions' | 'metrics'>,
    store: ObjectStore,
    planRun: string,
  ): Promise<RunPlace> {
    return new RunPlace(context, store, await loadPlan(store, planRun));
  }

  /** Takes `_SUCCESS` of earlier runs away, before the first part and whenever it is back. */
  async begin(run: RegisteredRun): Promise<void> {
    await beginRun(this.store, this.plan, turnOf(run));
  }

  /** The manifest of the run, checked and not written. @throws as `prepareManifest` */
  async prepare(run: RegisteredRun): Promise<Manifest> {
    const { clock, metrics } = this.context;
    const began = clock.now();
    const manifest = await prepareManifest(this.#request(run));
    metrics.finalized((clock.now() - began) / 1000);
    return manifest;
  }

  /** Writes the manifest and what follows on it. Only for a run whose log says `finalizing`. */
  async commit(run: RegisteredRun, prepared: Manifest): Promise<RunEvent> {
    const { rows } = await commitManifest(this.#request(run), prepared);
    return { kind: 'finished', at: new Date(this.context.clock.now()).toISOString(), rows };
  }

  /** Puts `_SUCCESS` of the finished run back where a late process took it away. */
  async restore(): Promise<void> {
    await restoreSuccess(this.store, this.plan);
  }

  #request(run: RegisteredRun): FinalizeRequest {
    const { clock, versions } = this.context;
    const now = clock.now();
    const wall = (now - Date.parse(run.request.submittedAt)) / 1000;
    return {
      store: this.store,
      plan: this.plan,
      maxRejectedRows: run.maxRejectedRows,
      now: new Date(now),
      versions,
      seconds: { wall: Math.max(0, wall) },
    };
  }
}
