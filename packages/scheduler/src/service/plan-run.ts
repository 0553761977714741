import { createHash } from 'node:crypto';
import { type ObjectStore, planPageKey, type Stores } from '@shardmill/core';
import { findPlan } from '@shardmill/core/plans';
import { startRun } from '../output/start-run.js';
import type { MadePlan } from '../plan/make-plan.js';
import { publishPlan } from '../plan/publish-plan.js';
import { outputOf } from '../state/output-of.js';
import type { RegisteredRun } from '../state/fold-run.js';
import type { RunRequest } from '../state/run-request.js';

export interface PlanRunContext {
  readonly stores: Pick<Stores, 'open' | 'requireConditionalWrites'>;
  readonly makePlan: (request: RunRequest) => Promise<MadePlan>;
  /** Whether the run still waits for its plan: asked before anything is written. */
  readonly wanted: () => Promise<boolean>;
}

export type PlanResult =
  /** `planRun` is another run where an unfinished one of the same data was adopted. */
  | { readonly kind: 'planned'; readonly planRun: string }
  /** The run does not want a plan any more. */
  | { readonly kind: 'unwanted' }
  /** Another scheduler seems to be storing its plan right now. */
  | { readonly kind: 'later' };

/**
 * Plans a submitted run and stores the plan in its output location, under an id that only this
 * round of the run has: so a plan that is there is the round's, whichever scheduler stored it, and
 * whether or not it died after.
 * @param waited times in a row that the result was `later`.
 * @throws what `makePlan` and `startRun` throw; STORE_UNSUPPORTED
 */
export async function planRun(
  { request, round }: Pick<RegisteredRun, 'request' | 'round'>,
  { stores, makePlan, wanted }: PlanRunContext,
  waited: number,
): Promise<PlanResult> {
  const output = outputOf(request);
  const store = stores.open(output);
  const ids = Array.from({ length: round + 1 }, (_, past) => planIdOf(request.run, past));
  // That of an earlier round, which ended before it was told, is as good as one of this round.
  const stored = async (): Promise<PlanResult | undefined> => {
    for (const planRun of ids.toReversed()) {
      if ((await findPlan(store, planRun)) !== undefined) return { kind: 'planned', planRun };
    }
    return undefined;
  };
  const before = await stored();
  if (before !== undefined) return before;
  await stores.requireConditionalWrites(output);
  const { plan, pages } = await makePlan(request);
  const made: MadePlan = { plan: { ...plan, runId: planIdOf(request.run, round) }, pages };
  if (!(await wanted())) return { kind: 'unwanted' };
  try {
    return { kind: 'planned', planRun: (await startRun(store, made)).plan.runId };
  } catch (error) {
    // Another scheduler was first, with a plan of what the input was a moment ago.
    const winner = await stored();
    if (winner !== undefined) return winner;
    if (!(await hasOtherPages(store, made))) throw error;
    return waited < PATIENCE ? { kind: 'later' } : storeApart(store, made);
  }
}

function planIdOf(run: string, round: number): string {
  return round === 0 ? run : `${run}-${round}`;
}

/** Times to wait for a scheduler that may be storing its plan right now. */
const PATIENCE = 3;

/** Whether somebody began to store another plan for this run, and has not come to its end. */
async function hasOtherPages(store: ObjectStore, { plan }: MadePlan): Promise<boolean> {
  for (const [page, { sha256 }] of plan.pages.entries()) {
    const bytes = await store.read(planPageKey(plan.runId, page));
    if (bytes === undefined) return false;
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) return true;
  }
  return false;
}

/** The pages of a scheduler that died would be in the way for ever: the plan gets another id. */
async function storeApart(store: ObjectStore, { plan, pages }: MadePlan): Promise<PlanResult> {
  const runId = `${plan.runId}-${plan.digest.slice(0, 8)}`;
  const stored = await publishPlan(store, { plan: { ...plan, runId }, pages });
  return { kind: 'planned', planRun: stored.plan.runId };
}
