import type { FooterRowGroup } from '@shardmill/core';
import { type ColumnSource, nullsIn } from './file-facts.js';

/** Nulls that the footers count in columns of which a null rejects a row. */
export class NullCounts {
  readonly #byColumn = new Map<string, number>();
  #rows = 0;

  constructor(readonly columns: readonly string[]) {}

  add(
    rowGroup: FooterRowGroup,
    sources: ReadonlyMap<string, ColumnSource>,
    partition: readonly (string | null)[],
  ): void {
    // Rows with several nulls are one row each: the column with the most nulls is a lower bound.
    let most = 0;
    for (const column of this.columns) {
      const nulls = nullsIn(rowGroup, sources.get(column), partition) ?? 0;
      if (nulls === 0) continue;
      most = Math.max(most, nulls);
      this.#byColumn.set(column, (this.#byColumn.get(column) ?? 0) + nulls);
    }
    this.#rows += most;
  }

  /** Rows that have a null at least. */
  get rows(): number {
    return this.#rows;
  }

  /** Columns with nulls, the one with the most first. */
  get byColumn(): readonly (readonly [column: string, nulls: number])[] {
    return [...this.#byColumn].toSorted(([, a], [, b]) => b - a);
  }
}
