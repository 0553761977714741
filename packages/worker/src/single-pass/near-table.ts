import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { fileEtag } from '@shardmill/core';
import type { NearRows } from '../scan/near-rows.js';
import type { PartOrder } from './part-order.js';

/** The rows that a lane has read around its last small part (`scan/near-rows.ts`), in its own database. */
export class NearTable {
  #key: string | undefined;
  /** Rows of other parts are no reason to fail: they may be damaged, and these not. */
  #failed = false;

  /** Where to read the rows of a part: among those that are there, or else in its files. */
  async sourceOf(
    connection: DuckDBConnection,
    { near, source }: Pick<PartOrder, 'near' | 'source'>,
  ): Promise<string> {
    if (near === undefined || this.#failed) return source;
    if (near.key !== this.#key) {
      this.#key = undefined;
      try {
        await connection.run(near.load);
      } catch {
        this.#failed = true;
        return source;
      }
      // Parts are held against the plan before and after; these rows will serve parts that come much later.
      if (!(await isPlanned(near.file))) return source;
      this.#key = near.key;
    }
    return near.source;
  }

  /** The database has been replaced. */
  clear(): void {
    this.#key = undefined;
  }
}

async function isPlanned({ path, etag }: NearRows['file']): Promise<boolean> {
  const now = await stat(path, { bigint: true }).catch(() => undefined);
  return now !== undefined && fileEtag(now) === etag;
}
