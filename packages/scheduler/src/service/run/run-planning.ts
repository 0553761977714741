import { ShardmillError } from '@shardmill/core';
import type { RegisteredRun } from '../../state/fold-run.js';
import { type PlanName, type PlanResult, planRun, type PlanRunContext } from './plan-run.js';
import type { RunContext } from './run-context.js';

type Settled = { readonly round: number } & (
  | { readonly result: PlanResult }
  | { readonly error: unknown }
);

/** The planning of one run, in the background, so that the run can be cancelled meanwhile. */
export class RunPlanning {
  #underWay: AbortController | undefined;
  #settled: Settled | undefined;
  #waited = 0;

  constructor(
    readonly context: Pick<
      RunContext,
      'stores' | 'makePlan' | 'rules' | 'planSlots' | 'clock' | 'metrics'
    > & {
      /** Whether that round of the run still waits for its plan. */
      readonly wanted: (round: number) => Promise<boolean>;
      /** Notes in the log of that round which plan is about to be stored. */
      readonly intend: (round: number, name: PlanName) => Promise<boolean>;
      readonly wake: () => void;
    },
  ) {}

  get underWay(): boolean {
    return this.#underWay !== undefined;
  }

  /** Begins, unless as many plannings are under way as may be: then it wakes when one has ended. */
  begin(run: RegisteredRun): void {
    if (this.underWay) return;
    const { run: id, submittedBy: submitter } = run.request;
    const giveBack = this.context.planSlots.take({ run: id, submitter });
    if (giveBack === undefined) return;
    const controller = new AbortController();
    this.#underWay = controller;
    void this.#plan(run, controller.signal)
      .then(
        (result) => ({ round: run.round, result }),
        (error: unknown) => ({ round: run.round, error }),
      )
      .then((settled) => {
        giveBack();
        if (this.#underWay !== controller) return;
        this.#settled = settled;
        this.#underWay = undefined;
        this.context.wake();
      });
  }

  /** Ends the planning: nobody wants the plan any more. Its slot is free at once. */
  stop(run: string): void {
    this.context.planSlots.leave(run);
    this.#underWay?.abort(
      new ShardmillError('INTERRUPTED', 'the run does not want a plan any more'),
    );
    this.#underWay = undefined;
  }

  /**
   * What the planning of a round came to, once; undefined where it has not come to an end.
   * @throws what went wrong
   */
  take(round: number): PlanResult | undefined {
    const settled = this.#settled;
    this.#settled = undefined;
    if (settled?.round !== round) return undefined;
    if ('error' in settled) throw settled.error;
    this.#waited = settled.result.kind === 'later' ? this.#waited + 1 : 0;
    return settled.result;
  }

  async #plan(run: RegisteredRun, signal: AbortSignal): Promise<PlanResult> {
    const { clock, metrics } = this.context;
    const began = clock.now();
    const wanted = (): Promise<boolean> => this.context.wanted(run.round);
    const intend = (name: PlanName): Promise<boolean> => this.context.intend(run.round, name);
    const makePlan: PlanRunContext['makePlan'] = async (request) => {
      const plan = await untilAborted(this.context.makePlan(request, signal), signal);
      signal.throwIfAborted();
      return plan;
    };
    const result = await planRun(run, { ...this.context, makePlan, wanted, intend }, this.#waited);
    metrics.planned((clock.now() - began) / 1000);
    return result;
  }
}

/** Whatever a planner does with its signal, its slot is free as soon as the planning is stopped. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
