import { toShardmillError } from '@shardmill/core';
import { hasEnded, type RegisteredRun } from '../../state/fold-run.js';
import type { PlannedPlace } from '../lineage.js';
import type { RunContext } from './run-context.js';

/** Notes for lineage what happens to one run. While it works it waits for none of that. */
export class RunLineage {
  readonly #noted = new Set<string>();
  #seen = '';
  #working = false;

  constructor(readonly context: Pick<RunContext, 'noteLineage' | 'log'>) {}

  /** Notes in the background what is new; what fails is noted by a later call, or at the end. */
  follow(run: RegisteredRun, place: PlannedPlace | undefined): void {
    const { noteLineage, log } = this.context;
    const seen = `${run.events.length} ${place?.plan.runId}`;
    if (noteLineage === undefined || this.#working || hasEnded(run) || seen === this.#seen) return;
    this.#working = true;
    noteLineage(run, this.#noted, place)
      .then(() => {
        this.#seen = seen;
      })
      .catch((thrown: unknown) => {
        const { code, message, where } = toShardmillError(thrown);
        log.warn({ run: run.request.run, code, where }, message);
      })
      .finally(() => {
        this.#working = false;
      });
  }

  /**
   * Notes all that happened to a run that has ended, while it still has its marker: another scheduler does it if this
   * one dies. @throws STORE_…
   */
  async noteEnd(run: RegisteredRun, place: PlannedPlace | undefined): Promise<void> {
    await this.context.noteLineage?.(run, this.#noted, place);
  }
}
