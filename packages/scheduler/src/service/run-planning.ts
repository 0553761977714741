import type { RegisteredRun } from '../state/fold-run.js';
import { type PlanName, type PlanResult, planRun } from './plan-run.js';
import type { RunContext } from './run-context.js';

type Settled = { readonly round: number } & (
  | { readonly result: PlanResult }
  | { readonly error: unknown }
);

/** The planning of one run, in the background, so that the run can be cancelled meanwhile. */
export class RunPlanning {
  #underWay = false;
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
    return this.#underWay;
  }

  /** Begins, unless as many plannings are under way as may be: then it wakes when one has ended. */
  begin(run: RegisteredRun): void {
    if (this.#underWay) return;
    const giveBack = this.context.planSlots.take();
    if (giveBack === undefined) return;
    this.#underWay = true;
    void this.#plan(run)
      .then(
        (result) => ({ round: run.round, result }),
        (error: unknown) => ({ round: run.round, error }),
      )
      .then((settled) => {
        this.#settled = settled;
        this.#underWay = false;
        giveBack();
        this.context.wake();
      });
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

  async #plan(run: RegisteredRun): Promise<PlanResult> {
    const { clock, metrics } = this.context;
    const began = clock.now();
    const wanted = (): Promise<boolean> => this.context.wanted(run.round);
    const intend = (name: PlanName): Promise<boolean> => this.context.intend(run.round, name);
    const result = await planRun(run, { ...this.context, wanted, intend }, this.#waited);
    metrics.planned((clock.now() - began) / 1000);
    return result;
  }
}
