import type { BoundJob, Column, JobBinder } from '@shardmill/core';
import { sql } from '@shardmill/test-kit/parquet';

export { sql, withFolder, writeParquet } from '@shardmill/test-kit/parquet';

/** A binder whose view of files is DuckDB's own; what it binds is given by the test. */
export function fakeBinder(
  bind: (columns: readonly Column[]) => Partial<BoundJob>,
): JobBinder & { described: string[]; bound: (readonly Column[])[] } {
  const described: string[] = [];
  const bound: (readonly Column[])[] = [];
  return {
    described,
    bound,
    describeInput: async ({ uri }) => {
      described.push(uri);
      const rows = await sql(
        `DESCRIBE SELECT * FROM read_parquet('${uri}', hive_partitioning = false)`,
      );
      return rows.map((row) => ({
        name: String(row['column_name']),
        type: String(row['column_type']),
      }));
    },
    readCheckpoint: async () => {
      throw new Error('no checkpoint is read');
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
        rounded: [],
        plain: [],
        notices: [],
        ...bind(columns),
      };
    },
  };
}
