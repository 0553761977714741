import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { BoundJob, Column, JobBinder } from '@shardmill/core';

/** Runs SQL in a database of its own; rows of the last result as objects. */
export async function sql(text: string): Promise<Record<string, unknown>[]> {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    const reader = await connection.runAndReadAll(text);
    return reader.getRowObjects();
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

/** Writes a query's rows as Parquet. */
export async function writeParquet(file: string, query: string, options = ''): Promise<void> {
  await sql(`COPY (${query}) TO '${file}' (FORMAT parquet${options === '' ? '' : `, ${options}`})`);
}

export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shardmill-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A binder whose view of files is DuckDB's own; what it binds is given by the test. */
export function fakeBinder(
  bind: (columns: readonly Column[]) => Partial<BoundJob>,
): JobBinder & { described: string[]; bound: (readonly Column[])[] } {
  const described: string[] = [];
  const bound: (readonly Column[])[] = [];
  return {
    described,
    bound,
    describeInput: async (file) => {
      described.push(file);
      const rows = await sql(
        `DESCRIBE SELECT * FROM read_parquet('${file}', hive_partitioning = false)`,
      );
      return rows.map((row) => ({
        name: String(row['column_name']),
        type: String(row['column_type']),
      }));
    },
    bindJob: async ({ columns }) => {
      bound.push(columns);
      return {
        used: [],
        where: null,
        predicate: { kind: 'unknown' },
        model: { uri: 'm.onnx', sha256: 'f', bytes: 1, externalData: [], inputs: [], outputs: [] },
        features: [],
        transform: null,
        outputColumns: [{ name: 'score', type: 'FLOAT', sql: 'score' }],
        ...bind(columns),
      };
    },
  };
}
