import { createHash } from 'node:crypto';
import {
  baselineKey,
  canonicalJson,
  type ObjectStore,
  type Plan,
  type PlanPage,
  planKey,
  planPageKey,
  ShardmillError,
} from '@shardmill/core';
import { findPlan, loadPlan, rememberPages } from '@shardmill/core/plans';
import type { MadePlan } from './make-plan.js';

export interface PublishedPlan {
  /** The plan that the run has: the one given, or one that was there before. */
  readonly plan: Plan;
  readonly adopted: boolean;
}

/**
 * Stores a plan, pages and baseline first, so that a plan that is there is whole. Of several plans of one run
 * the first wins and the others adopt it: two schedulers make one run.
 * @throws PLAN_MISMATCH where a page of another plan is there, but no plan that owns it.
 */
export async function publishPlan(store: ObjectStore, made: MadePlan): Promise<PublishedPlan> {
  const { plan, pages, baseline } = made;
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
  if (baseline !== undefined && plan.drift?.baseline != null) {
    // By its digest: one that is there already is the same.
    await store.create(baselineKey(plan.runId, plan.drift.baseline.sha256), Buffer.from(baseline));
  }
  const created = await store.create(planKey(plan.runId), encode(plan));
  if (created !== 'created') return { plan: await loadPlan(store, plan.runId), adopted: true };
  rememberPages(plan, pages);
  return { plan, adopted: false };
}

function encode(value: Plan | PlanPage): Uint8Array {
  return Buffer.from(canonicalJson(value));
}

async function hashOf(store: ObjectStore, key: string): Promise<string | undefined> {
  const bytes = await store.read(key);
  return bytes === undefined ? undefined : sha256(bytes);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function mismatch(store: ObjectStore, key: string, reason: string): ShardmillError {
  return new ShardmillError('PLAN_MISMATCH', reason, { where: store.locate(key) });
}
