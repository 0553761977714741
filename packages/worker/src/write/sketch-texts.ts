import type { DuckDBConnection } from '@duckdb/node-api';
import { MAX_TEXT_UNITS, TextSketch, type TextState } from '@shardmill/core';
import { streamChunks } from '../duckdb/chunk-stream.js';
import { quoteName } from '../duckdb/quote.js';
import { columnVector, vectorValues } from '../duckdb/raw-vector.js';
import { readTexts } from '../duckdb/read-texts.js';
import type { PartitionFile } from './copy-partitions.js';

/**
 * What the texts of a column look like, from finished files. DuckDB counts those that are alike, of which labels
 * have few; long ones, which a sketch does not keep, are not kept there either.
 * @param files the files that have all rows together, as a literal.
 */
export async function sketchTexts(
  connection: DuckDBConnection,
  files: string,
  column: string,
): Promise<TextState> {
  const sketch = new TextSketch();
  const name = quoteName(column);
  const source = `read_parquet(${files}, hive_partitioning = false)`;
  const sql = `SELECT ${name}, count(*)::DOUBLE FROM ${source}
      WHERE length(${name}) <= ${MAX_TEXT_UNITS} OR ${name} IS NULL GROUP BY ${name}
    UNION ALL SELECT ${name}, 1 FROM ${source} WHERE length(${name}) > ${MAX_TEXT_UNITS}`;
  for await (const chunk of streamChunks(connection, sql)) {
    const rows = chunk.rowCount;
    const counts = vectorValues(columnVector(chunk, 1), Float64Array, rows);
    readTexts(columnVector(chunk, 0), 0, rows, rows, (row, text) =>
      addText(sketch, text, counts[row] ?? 0),
    );
  }
  return sketch.toState();
}

/** The same of a partition column, which has one value in all rows of a file. */
export function sketchPartitions(
  files: readonly Pick<PartitionFile, 'values'>[],
  rowsOf: (file: number) => number,
  column: string,
): TextState {
  const sketch = new TextSketch();
  for (const [index, { values }] of files.entries()) {
    addText(sketch, values[column] ?? undefined, rowsOf(index));
  }
  return sketch.toState();
}

function addText(sketch: TextSketch, text: string | undefined, rows: number): void {
  if (text === undefined) sketch.addNulls(rows);
  else if (rows > 0) sketch.add(text, rows);
}
