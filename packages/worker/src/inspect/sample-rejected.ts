import path from 'node:path';
import { type InputFile, ShardmillError } from '@shardmill/core';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { openDatabase } from '../duckdb/open-database.js';
import { quoteName, quotePath } from '../duckdb/quote.js';
import { COUNTED_REASON } from '../part/count-reasons.js';

/** A few rejected rows, with the values that they had in the input. */
export interface RejectedSample {
  /** Columns of the input that the job uses, in the order of `values`; then `_file` and `_row`. */
  readonly columns: readonly string[];
  readonly rows: readonly RejectedRow[];
}

interface RejectedRow {
  readonly reason: string;
  /** As text; null for a null. */
  readonly values: readonly (string | null)[];
}

const ROWS_PER_REASON = 3;
const MAX_ROWS = 60;
const MAX_VALUE_CHARS = 200;
const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;
const REASON = '_reason';

/**
 * The first rows of each reason in a file of rejected rows.
 * @param target where the whole file can be read.
 * @throws INPUT_UNREADABLE
 */
export async function sampleRejected(file: InputFile, target: string): Promise<RejectedSample> {
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: MEMORY_LIMIT_BYTES,
    folders: [path.dirname(target)],
  });
  try {
    const connection = await database.connect();
    const from = `read_parquet(${quotePath(target)}, hive_partitioning = false, file_row_number = true)`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
    const columns = described
      .getRows()
      .map(([name]) => String(name))
      .filter((name) => name !== REASON && name !== 'file_row_number');
    const values = columns.map((name) => `left(${quoteName(name)}::VARCHAR, ${MAX_VALUE_CHARS})`);
    const reader = await connection.runAndReadAll(
      `SELECT ${[COUNTED_REASON, ...values].join(', ')} FROM ${from}
       QUALIFY row_number() OVER (PARTITION BY ${COUNTED_REASON} ORDER BY file_row_number) <= ${ROWS_PER_REASON}
       ORDER BY file_row_number LIMIT ${MAX_ROWS}`,
    );
    const rows = reader.getRows().map(([reason, ...row]) => ({
      reason: String(reason),
      values: row.map((value) => (value === null ? null : String(value))),
    }));
    return { columns, rows };
  } catch (error) {
    throw new ShardmillError('INPUT_UNREADABLE', duckdbMessage(error), {
      where: file.uri,
      cause: error,
    });
  } finally {
    database.close();
  }
}
