import { createHash } from 'node:crypto';
import { ShardmillError } from '../errors/shardmill-error.js';
import type { ObjectStore } from '../store/object-store.js';
import { planKey, planPageKey } from './object-layout.js';
import { digestPlan } from './digest-plan.js';
import {
  type Plan,
  type PlannedShard,
  type PlanPage,
  planPageSchema,
  planSchema,
} from './plan-schema.js';

/** The plan of a run. @throws PLAN_MISMATCH where there is none, or none that can be read. */
export async function loadPlan(store: ObjectStore, runId: string): Promise<Plan> {
  const plan = await findPlan(store, runId);
  if (plan === undefined) throw mismatch(store, planKey(runId), 'there is no plan of this run');
  return plan;
}

/** The plan of a run, or undefined where there is none. @throws PLAN_MISMATCH */
export async function findPlan(store: ObjectStore, runId: string): Promise<Plan | undefined> {
  const key = planKey(runId);
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  const parsed = planSchema.safeParse(decode(store, key, bytes));
  if (!parsed.success) throw mismatch(store, key, parsed.error.issues[0]?.message ?? 'unreadable');
  if (parsed.data.runId !== runId) {
    throw mismatch(store, key, `the plan is of run ${parsed.data.runId}, expected ${runId}`);
  }
  return parsed.data;
}

/**
 * The plan with this digest, which comes from a trusted source: it is computed anew over what
 * is stored. @returns undefined where there is no plan. @throws PLAN_MISMATCH where it is another
 */
export async function findPlanOf(
  store: ObjectStore,
  runId: string,
  digest: string,
): Promise<Plan | undefined> {
  const plan = await findPlan(store, runId);
  if (plan === undefined) return undefined;
  const found = digestPlan(plan);
  if (found === digest && plan.digest === digest) return plan;
  const seen = found === plan.digest ? found : `${found} and calls itself ${plan.digest}`;
  throw mismatch(store, planKey(runId), `the plan has digest ${seen}, expected ${digest}`);
}

/** One page of a plan's shards, checked against the hash in the plan. @throws PLAN_MISMATCH */
export async function loadPage(store: ObjectStore, plan: Plan, page: number): Promise<PlanPage> {
  const key = planPageKey(plan.runId, page);
  const expected = plan.pages[page];
  if (expected === undefined) {
    throw mismatch(store, key, `the plan has ${plan.pages.length} pages, not page ${page}`);
  }
  const bytes = await store.read(key);
  if (bytes === undefined) throw mismatch(store, key, 'the page is missing');
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== expected.sha256) {
    throw mismatch(store, key, `the page has SHA-256 ${found}, the plan says ${expected.sha256}`);
  }
  const parsed = planPageSchema.safeParse(decode(store, key, bytes));
  if (!parsed.success) throw mismatch(store, key, parsed.error.issues[0]?.message ?? 'unreadable');
  return parsed.data;
}

/** The page of a plan that has one: a run goes through it several times. */
const ONLY_PAGES = new WeakMap<Plan, PlanPage>();

/** Has the page of a plan that has one not be read again. @param pages all that the plan has */
export function rememberPages(plan: Plan, pages: readonly PlanPage[]): void {
  const [page, another] = pages;
  if (page !== undefined && another === undefined) ONLY_PAGES.set(plan, page);
}

/**
 * The shards of a plan in order; one page is held at a time, and that of a plan with one page is read once.
 * @throws PLAN_MISMATCH
 */
export async function* plannedShards(store: ObjectStore, plan: Plan): AsyncGenerator<PlannedShard> {
  for (let index = 0; index < plan.pages.length; index++) {
    const page = ONLY_PAGES.get(plan) ?? (await loadPage(store, plan, index));
    if (plan.pages.length === 1) rememberPages(plan, [page]);
    yield* page.shards;
  }
}

function decode(store: ObjectStore, key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw mismatch(store, key, 'this is not JSON', error);
  }
}

function mismatch(
  store: ObjectStore,
  key: string,
  reason: string,
  cause?: unknown,
): ShardmillError {
  return new ShardmillError('PLAN_MISMATCH', reason, { where: store.locate(key), cause });
}
