import { type ObjectStore, type Plan, ShardmillError, type Stores } from '@shardmill/core';
import { findPlanOf } from '@shardmill/core/plans';
import { ModelRegistry } from '../../models/model-registry.js';
import { type PinnedReleases, resolveModel } from '../../models/resolve-model.js';
import { chooseRunId } from '../../output/start-run.js';
import { checkRules, type JobRules } from '../../plan/job-rules.js';
import type { MadePlan } from '../../plan/make-plan.js';
import { publishPlan } from '../../plan/publish-plan.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import { outputOf } from '../../state/output-of.js';
import type { RunRegistry } from '../../state/run-registry.js';
import type { RunRequest } from '../../state/run-request.js';

/** Which plan a run has: a process that loads it computes its digest anew. */
export interface PlanName {
  readonly planRun: string;
  readonly planDigest: string;
}

export interface PlanRunContext {
  readonly stores: Pick<Stores, 'open' | 'regionOf' | 'requireConditionalWrites'>;
  /** Where the model registry is. */
  readonly registry: Pick<RunRegistry, 'store'>;
  readonly makePlan: (request: RunRequest, releases: PinnedReleases) => Promise<MadePlan>;
  readonly rules: JobRules;
  /** Whether the run still waits for its plan: called before anything is written. */
  readonly wanted: () => Promise<boolean>;
  /**
   * Notes in the log which plan is about to be stored.
   * @returns false where the log has moved on, so that the run is to be looked at again.
   */
  readonly intend: (name: PlanName) => Promise<boolean>;
}

export type PlanResult =
  /** `planRun` is another run where an unfinished one of the same data was adopted. */
  | ({ readonly kind: 'planned' } & PlanName)
  /** The run does not want a plan any more. */
  | { readonly kind: 'unwanted' }
  /** Another scheduler seems to be storing its plan right now. */
  | { readonly kind: 'later' };

const LATER: PlanResult = { kind: 'later' };
/** Times to wait for a scheduler that may be storing its plan right now. */
const PATIENCE = 3;

/**
 * Plans a submitted run and stores the plan in its output location. The log gets to know the
 * plan's digest first: a plan in the output location counts only where it has the digest that the
 * log names, so that write access there is not enough to have another one followed, and a plan whose
 * scheduler died is found by the next one.
 * @param waited times in a row that the result was `later`.
 * @throws what `resolveModel`, `checkRules`, `makePlan` and `chooseRunId` throw; STORE_UNSUPPORTED
 */
export async function planRun(
  { request, round, intended }: Pick<RegisteredRun, 'request' | 'round' | 'intended'>,
  { stores, registry, makePlan, rules, wanted, intend }: PlanRunContext,
  waited: number,
): Promise<PlanResult> {
  // Before anything is written, if only to see whether it can be.
  await checkRules(rules, request.job, request.jobFile, stores);
  const output = outputOf(request);
  const store = stores.open(output);
  if (intended !== null && (await isStored(store, intended))) {
    return { kind: 'planned', ...intended };
  }
  await stores.requireConditionalWrites(output);
  const registered = new ModelRegistry(registry.store);
  const { job, ...releases } = await resolveModel(request.job, registered);
  const { plan, ...rest } = await makePlan({ ...request, job }, releases);
  if (!(await wanted())) return { kind: 'unwanted' };
  const planDigest = plan.digest;
  const impatient = waited >= PATIENCE;
  // Another scheduler may be storing its plan, of what the input was a moment ago.
  if (intended !== null && intended.planDigest !== planDigest && !impatient) return LATER;
  const own = round === 0 ? request.run : `${request.run}-${round}`;
  const first = await chooseRunId(store, { ...plan, runId: own });
  // Where something else is in the way of the first id, for ever: an id that nothing else has.
  for (const planRun of [first, `${own}-${planDigest.slice(0, 8)}`]) {
    if (!(await intend({ planRun, planDigest }))) return LATER;
    const result = await storePlan(store, { ...rest, plan: { ...plan, runId: planRun } });
    if (result === 'stored') return { kind: 'planned', planRun, planDigest };
    if (!impatient && result === 'half-stored') return LATER;
  }
  throw new ShardmillError('PLAN_MISMATCH', `other plans are stored where that of ${own} belongs`, {
    where: output,
  });
}

/** `half-stored`: pages of another plan are there, and no plan that owns them. */
async function storePlan(
  store: ObjectStore,
  made: MadePlan,
): Promise<'stored' | 'half-stored' | 'another'> {
  try {
    await publishPlan(store, made);
  } catch (error) {
    if (isMismatch(error)) return 'half-stored';
    throw error;
  }
  return (await isStored(store, nameOf(made.plan))) ? 'stored' : 'another';
}

async function isStored(store: ObjectStore, { planRun, planDigest }: PlanName): Promise<boolean> {
  try {
    return (await findPlanOf(store, planRun, planDigest)) !== undefined;
  } catch (error) {
    if (isMismatch(error)) return false;
    throw error;
  }
}

const nameOf = ({ runId, digest }: Plan): PlanName => ({ planRun: runId, planDigest: digest });

function isMismatch(error: unknown): boolean {
  return error instanceof ShardmillError && error.code === 'PLAN_MISMATCH';
}
