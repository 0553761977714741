import { untilAborted } from '@shardmill/core';
import type { RegisteredRun } from '../../state/fold-run.js';
import { BackgroundTask } from './background-task.js';
import { type PlanName, type PlanResult, planRun, type PlanRunContext } from './plan-run.js';
import type { RunContext } from './run-context.js';

/** The planning of one run, in the background, so that the run can be cancelled meanwhile. */
export class RunPlanning {
  readonly #task: BackgroundTask<PlanResult>;
  #waited = 0;

  constructor(
    readonly context: Pick<
      RunContext,
      'stores' | 'registry' | 'makePlan' | 'rules' | 'planSlots' | 'clock' | 'metrics'
    > & {
      /** Whether that round of the run still waits for its plan. */
      readonly wanted: (round: number) => Promise<boolean>;
      /** Notes in the log of that round which plan is about to be stored. */
      readonly intend: (round: number, name: PlanName) => Promise<boolean>;
      readonly wake: () => void;
    },
  ) {
    const { planSlots: slots, wake } = context;
    const stopped = 'the run does not want a plan any more';
    this.#task = new BackgroundTask({ slots, wake, stopped });
  }

  get underWay(): boolean {
    return this.#task.underWay;
  }

  /** Begins, unless as many plannings are under way as may be: then it wakes when one has ended. */
  begin(run: RegisteredRun): void {
    this.#task.begin(run, (signal) => this.#plan(run, signal));
  }

  /** Ends the planning: the plan is not needed any more. Its slot is free at once. */
  stop(run: string): void {
    this.#task.stop(run);
  }

  /**
   * What the planning of a round came to, once; undefined where it has not come to an end.
   * @throws what went wrong
   */
  take(round: number): PlanResult | undefined {
    const result = this.#task.take(round);
    if (result !== undefined) this.#waited = result.kind === 'later' ? this.#waited + 1 : 0;
    return result;
  }

  async #plan(run: RegisteredRun, signal: AbortSignal): Promise<PlanResult> {
    const { clock, metrics } = this.context;
    const began = clock.now();
    const wanted = (): Promise<boolean> => this.context.wanted(run.round);
    const intend = (name: PlanName): Promise<boolean> => this.context.intend(run.round, name);
    const makePlan: PlanRunContext['makePlan'] = async (request, releases) => {
      // Whatever a planner does with its signal, its slot is free as soon as the planning is stopped.
      const plan = await untilAborted(this.context.makePlan(request, signal, releases), signal);
      signal.throwIfAborted();
      return plan;
    };
    const result = await planRun(run, { ...this.context, makePlan, wanted, intend }, this.#waited);
    metrics.planned((clock.now() - began) / 1000);
    return result;
  }
}
