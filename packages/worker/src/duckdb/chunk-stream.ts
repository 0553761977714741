import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';

/**
 * Chunks between two collections. A chunk's memory (2,048 rows of every column, outside of the
 * JavaScript heap) is released when its object is collected, which the collector by itself does far
 * too late: the memory of a scan then never stays in the cache and half of the time goes into page
 * faults (docs/performance.md).
 */
const CHUNKS_PER_COLLECTION = 32;

/** The chunks of a query's answer, as they come; a chunk is good until the next one is asked for. */
export async function* streamChunks(
  connection: DuckDBConnection,
  sql: string,
): AsyncGenerator<DuckDBDataChunk> {
  const result = await connection.stream(sql);
  for (let count = 1; ; count++) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
    // Only there under --expose-gc, with which the engine process is started.
    if (count % CHUNKS_PER_COLLECTION === 0) globalThis.gc?.({ type: 'minor' });
  }
}
