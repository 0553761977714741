import { createHash } from 'node:crypto';
import {
  canonicalJson,
  type ObjectStore,
  type Plan,
  type PlannedShard,
  type PlanPage,
  planKey,
  planPageKey,
  ShardmillError,
} from '@shardmill/core';
import { planPageSchema, planSchema } from '@shardmill/core/schemas';
import type { MadePlan } from './make-plan.js';

export interface PublishedPlan {
  /** The plan that the run has: the one given, or one that was there before. */
  readonly plan: Plan;
  readonly adopted: boolean;
}

/**
 * Stores a plan, pages first, so that a plan that is there is whole. Of several plans of one run
 * the first wins and the others adopt it: two schedulers make one run.
 * @throws PLAN_MISMATCH where a page of another plan is there, but no plan that owns it.
 */
export async function publishPlan(store: ObjectStore, made: MadePlan): Promise<PublishedPlan> {
  const { plan, pages } = made;
  const existing = await findPlan(store, plan.runId);
  if (existing !== undefined) return { plan: existing, adopted: true };
  for (const [index, page] of pages.entries()) {
    const key = planPageKey(plan.runId, index);
    if ((await store.create(key, encode(page))) === 'created') continue;
    if ((await hashOf(store, key)) === plan.pages[index]?.sha256) continue;
    const winner = await findPlan(store, plan.runId);
    if (winner !== undefined) return { plan: winner, adopted: true };
    throw mismatch(store, key, `the page is of another plan for run ${plan.runId}`);
  }
  const created = await store.create(planKey(plan.runId), encode(plan));
  return created === 'created'
    ? { plan, adopted: false }
    : { plan: await loadPlan(store, plan.runId), adopted: true };
}

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

/** One page of a plan's shards, checked against the hash in the plan. @throws PLAN_MISMATCH */
export async function loadPage(store: ObjectStore, plan: Plan, page: number): Promise<PlanPage> {
  const key = planPageKey(plan.runId, page);
  const expected = plan.pages[page];
  if (expected === undefined) {
    throw mismatch(store, key, `the plan has ${plan.pages.length} pages, not page ${page}`);
  }
  const bytes = await store.read(key);
  if (bytes === undefined) throw mismatch(store, key, 'the page is missing');
  const found = sha256(bytes);
  if (found !== expected.sha256) {
    throw mismatch(store, key, `the page has SHA-256 ${found}, the plan says ${expected.sha256}`);
  }
  const parsed = planPageSchema.safeParse(decode(store, key, bytes));
  if (!parsed.success) throw mismatch(store, key, parsed.error.issues[0]?.message ?? 'unreadable');
  return parsed.data;
}

/** The shards of a plan in order; one page is held at a time. @throws PLAN_MISMATCH */
export async function* plannedShards(store: ObjectStore, plan: Plan): AsyncGenerator<PlannedShard> {
  for (let page = 0; page < plan.pages.length; page++) {
    yield* (await loadPage(store, plan, page)).shards;
  }
}

function encode(value: Plan | PlanPage): Uint8Array {
  return Buffer.from(canonicalJson(value));
}

function decode(store: ObjectStore, key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw mismatch(store, key, 'this is not JSON', error);
  }
}

async function hashOf(store: ObjectStore, key: string): Promise<string | undefined> {
  const bytes = await store.read(key);
  return bytes === undefined ? undefined : sha256(bytes);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function mismatch(
  store: ObjectStore,
  key: string,
  reason: string,
  cause?: unknown,
): ShardmillError {
  return new ShardmillError('PLAN_MISMATCH', reason, { where: `${store.uri}/${key}`, cause });
}
