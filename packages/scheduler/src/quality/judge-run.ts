import {
  describeProfile,
  type ManifestQuality,
  type ObjectStore,
  type ProfileState,
  type QualityOutcome,
  ShardmillError,
  shellWord,
} from '@shardmill/core';
import { checkOutcomes } from './checks/evaluate-checks.js';
import { driftSource } from './drift-source.js';
import type { RunHistory } from './history/run-history.js';
import type { QualityFacts, QualitySource } from './quality-facts.js';
import { failedOutcomes, findAcceptance, findQuality, noteQuality } from './quality-notes.js';

/** What a result is judged by. */
const sourcesOf = (store: ObjectStore): readonly QualitySource[] => [
  checkOutcomes,
  driftSource(store),
];

export interface JudgeRequest
  extends Pick<QualityFacts, 'plan' | 'rows' | 'statistics' | 'keys' | 'queryProfile'> {
  readonly store: ObjectStore;
  readonly profile: ProfileState | undefined;
  readonly rejectedBudget: string | number;
  readonly now: Date;
  /** Where finished runs of the job are noted; without it there is nothing to compare with. */
  readonly history?: RunHistory | undefined;
  /** Called with the outcomes where this process is the one that has noted them: once for a run. */
  readonly judged?: ((outcomes: readonly QualityOutcome[]) => void) | undefined;
  /** The run by its id in the log of runs; undefined where it is run on one machine. */
  readonly fleetRun?: string | undefined;
}

/**
 * Judges a run of which all rows are accounted for, before anything of its result is published. The first
 * process that does notes the outcomes, and all others go by that note, whatever the time is by then.
 * @returns undefined where the run has nothing to be judged by.
 * @throws CHECKS_FAILED unless all passed, only warn, or the run was accepted.
 */
export async function judgeRun(request: JudgeRequest): Promise<ManifestQuality | undefined> {
  const { store, plan } = request;
  if (!isJudged(request)) return undefined;
  const noted = (await findQuality(store, plan.runId)) ?? (await evaluate(request));
  if (noted === undefined) return undefined;
  const { outcomes } = noted;
  const failed = failedOutcomes(outcomes);
  if (failed.length === 0) return { outcomes };
  const accepted = await findAcceptance(store, plan.runId);
  if (accepted === undefined) throw checksFailed(request, outcomes, failed);
  return { outcomes, accepted };
}

/** Whether there is anything to judge a run by: most have nothing, and read and write nothing here. */
function isJudged({ plan }: Pick<QualityFacts, 'plan'>): boolean {
  return plan.checks !== undefined || plan.drift !== undefined;
}

async function evaluate(
  request: JudgeRequest,
): Promise<{ readonly outcomes: QualityOutcome[] } | undefined> {
  const { store, plan, rows, statistics, profile, keys, now, history, fleetRun, queryProfile } =
    request;
  const facts: QualityFacts = {
    plan,
    rows,
    statistics,
    keys,
    queryProfile,
    profile:
      plan.profile === undefined || profile === undefined
        ? undefined
        : describeProfile(plan, plan.profile, profile),
    history: async () => (await history?.of(plan.job.name, plan.runId)) ?? [],
  };
  const outcomes: QualityOutcome[] = [];
  for (const source of sourcesOf(store)) outcomes.push(...(await source(facts)));
  if (outcomes.length === 0) return undefined;
  const record = {
    runId: plan.runId,
    planDigest: plan.digest,
    evaluatedAt: now.toISOString(),
    ...(fleetRun !== undefined && { fleetRun }),
    rejectedBudget: request.rejectedBudget,
    outcomes,
  };
  return noteQuality(store, record, () => request.judged?.(outcomes));
}

/** Failed checks that are named in a message. */
const MAX_NAMED = 5;

function checksFailed(
  { store, plan, fleetRun }: Pick<JudgeRequest, 'store' | 'plan' | 'fleetRun'>,
  outcomes: readonly QualityOutcome[],
  failed: readonly QualityOutcome[],
): ShardmillError {
  const run = shellWord(fleetRun ?? store.uri);
  const lines = failed.slice(0, MAX_NAMED).map(({ name, message }) => `${name}: ${message}`);
  const more = failed.length > MAX_NAMED ? [`and ${failed.length - MAX_NAMED} more`] : [];
  const of =
    outcomes.length === 1 ? 'the only check' : `${failed.length} of ${outcomes.length} checks`;
  return new ShardmillError('CHECKS_FAILED', [`${of} failed`, ...lines, ...more].join('\n'), {
    where: store.uri,
    remedy: `The result is kept and not published. Look at it: shardmill report ${run}${fleetRun === undefined ? ` --run ${plan.runId}` : ''}; to publish it as it is: shardmill accept ${run} --reason TEXT`,
  });
}
