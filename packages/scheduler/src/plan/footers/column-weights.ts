import type { FooterRowGroup, ParquetSchema } from '@shardmill/core';

/** Compressed bytes that the footers count for some columns, nested ones with all their leaves. */
export class ColumnWeights {
  readonly #bytes = new Map<string, number>();
  #rows = 0;

  /** @param columns names as the job's input has them. */
  constructor(readonly columns: readonly string[]) {}

  add({ rows, weights }: FooterRowGroup, { leaves }: ParquetSchema): void {
    this.#rows += rows;
    for (const [leaf, bytes] of weights) {
      const column = leaves[leaf]?.column;
      if (column !== undefined) this.#bytes.set(column, (this.#bytes.get(column) ?? 0) + bytes);
    }
  }

  /** Bytes for a row on average; undefined where no file has the column, or none has a row. */
  perRow(column: string): number | undefined {
    const bytes = this.#bytes.get(column.toLowerCase());
    return bytes === undefined || this.#rows === 0 ? undefined : bytes / this.#rows;
  }
}
