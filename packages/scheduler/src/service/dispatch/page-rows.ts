import { type ObjectStore, type Plan, ShardmillError } from '@shardmill/core';
import { loadPage } from '@shardmill/core/plans';

/** Where a shard is in its plan, and how many rows it has. */
export interface ShardFacts {
  readonly page: number;
  readonly rows: number;
}

/** Facts of a plan's shards; of each page that was needed only the numbers of rows are kept. */
export class PageRows {
  readonly #firstOf: readonly number[];
  readonly #pages = new Map<number, Promise<Float64Array>>();

  constructor(
    readonly store: ObjectStore,
    readonly plan: Plan,
  ) {
    let first = 0;
    this.#firstOf = plan.pages.map(({ shards }) => {
      first += shards;
      return first - shards;
    });
  }

  /** @throws PLAN_MISMATCH, STORE_… */
  async factsOf(shard: number): Promise<ShardFacts> {
    const page = this.#firstOf.findLastIndex((first) => first <= shard);
    const rows = (await this.#rowsOf(page))[shard - (this.#firstOf[page] ?? 0)];
    if (rows !== undefined) return { page, rows };
    throw new ShardmillError('PLAN_MISMATCH', `the plan has no shard ${shard}`, {
      where: this.store.uri,
    });
  }

  #rowsOf(page: number): Promise<Float64Array> {
    let rows = this.#pages.get(page);
    if (rows === undefined) {
      rows = loadPage(this.store, this.plan, page).then(({ shards }) =>
        Float64Array.from(shards, (shard) => shard.rows),
      );
      this.#pages.set(page, rows);
      // What could not be loaded is tried again.
      rows.catch(() => this.#pages.delete(page));
    }
    return rows;
  }
}
