import {
  type ObjectStore,
  type Plan,
  type PlannedShard,
  type PlanPage,
  planKey,
  ShardmillError,
  type ShardRecord,
} from '@shardmill/core';
import { findPlanOf, findRecord, loadPage } from '@shardmill/core/plans';
import type { ShardMessage } from '@shardmill/queue';

/** What a worker reads of a run before it scores. */
export interface PlanSource {
  /**
   * A shard with its plan, or undefined where there is no such plan any more.
   * @throws PLAN_MISMATCH, STORE_…
   */
  find(message: ShardMessage): Promise<FoundShard | undefined>;
  /** Whether the run still has its plan: asked of the store each time. @throws STORE_… */
  exists(message: ShardMessage): Promise<boolean>;
  /** @throws PLAN_MISMATCH, STORE_… */
  findRecord(message: ShardMessage): Promise<ShardRecord | undefined>;
}

export interface FoundShard {
  readonly plan: Plan;
  readonly shard: PlannedShard;
}

/** Plans and pages held at once: those of the runs that a worker is likely to get next. */
const PLANS_HELD = 8;
const PAGES_HELD = 8;

/** Plans in the output stores; they never change, so that the latest ones are kept. */
export class StoredPlans implements PlanSource {
  readonly #plans = new Latest<Plan>(PLANS_HELD);
  readonly #pages = new Latest<PlanPage>(PAGES_HELD);

  constructor(readonly store: (output: string) => ObjectStore) {}

  async find(message: ShardMessage): Promise<FoundShard | undefined> {
    const store = this.store(message.output);
    const name = `${message.output}\n${message.planRun}`;
    const plan = await this.#plans.get(name, () =>
      findPlanOf(store, message.planRun, message.planDigest),
    );
    if (plan === undefined) return undefined;
    if (plan.digest !== message.planDigest) {
      throw this.#mismatch(
        message,
        `the plan has digest ${plan.digest}, expected ${message.planDigest}`,
      );
    }
    const { uri } = plan.scoring.output;
    if (uri !== message.output) {
      throw this.#mismatch(message, `the plan writes to ${uri}, expected ${message.output}`);
    }
    const page = await this.#pages.get(`${name}\n${message.page}`, () =>
      loadPage(store, plan, message.page),
    );
    const shard = page?.shards.find((planned) => planned.shard === message.shard);
    if (shard === undefined) {
      throw this.#mismatch(message, `page ${message.page} has no shard ${message.shard}`);
    }
    return { plan, shard };
  }

  async exists({ output, planRun }: ShardMessage): Promise<boolean> {
    if ((await this.store(output).head(planKey(planRun))) !== undefined) return true;
    this.#plans.delete(`${output}\n${planRun}`);
    return false;
  }

  findRecord({ output, planRun, shard }: ShardMessage): Promise<ShardRecord | undefined> {
    return findRecord(this.store(output), { runId: planRun }, shard);
  }

  #mismatch({ output, planRun }: ShardMessage, text: string): ShardmillError {
    return new ShardmillError('PLAN_MISMATCH', text, {
      where: this.store(output).locate(planKey(planRun)),
    });
  }
}

/** The values that were asked for last; one that is being loaded is loaded once. */
class Latest<T> {
  readonly #values = new Map<string, Promise<T | undefined>>();

  constructor(readonly limit: number) {}

  async get(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const value = this.#values.get(key) ?? load();
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.limit) break;
      this.#values.delete(oldest);
    }
    try {
      const loaded = await value;
      if (loaded === undefined) this.#forget(key, value);
      return loaded;
    } catch (error) {
      this.#forget(key, value);
      throw error;
    }
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  /** What could not be loaded is tried again. */
  #forget(key: string, value: Promise<T | undefined>): void {
    if (this.#values.get(key) === value) this.#values.delete(key);
  }
}
