import type { DuckDBConnection } from '@duckdb/node-api';
import {
  MAX_PARTITIONS_PER_PART,
  type PlannedPart,
  ShardmillError,
  whyNotPartitionValue,
  whyNotTableValue,
} from '@shardmill/core';
import { quoteName } from '../../duckdb/quote.js';
import { partSource } from '../../scan/part-source.js';
import type { PartContext } from '../part-context.js';

/**
 * Looks at the values of the partition columns before a part is scored: they use columns of the
 * input alone.
 * @throws PARTITION_LIMIT where there are too many, PARTITION_VALUE where one cannot be a folder's name
 */
export async function refusePartitions(
  connection: DuckDBConnection,
  context: Pick<PartContext, 'settings' | 'shard' | 'pathOf'>,
  part: PlannedPart,
): Promise<void> {
  const { settings, shard, pathOf } = context;
  const { output, input } = settings.scoring;
  const { partitionBy, table, columns } = output;
  if (partitionBy === undefined) return;
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  const items = columns
    .filter(({ name }) => partitionBy.includes(name))
    .map(({ name, sql }) => `(${sql}\n) AS ${quoteName(name)}`);
  const source = partSource(settings.scoring, shard, part, input.used, pathOf);
  const where = `shard ${shard.shard}, part ${part.part}`;
  const reader = await connection.runAndReadAll(
    `SELECT COLUMNS(*)::VARCHAR FROM (SELECT DISTINCT ${items.join(', ')} FROM ${source})
     LIMIT ${MAX_PARTITIONS_PER_PART + 1}`,
  );
  for (const row of reader.getRowObjects()) {
    for (const name of partitionBy) {
      const value = row[name] ?? null;
      const text = value === null ? null : String(value);
      const fault =
        whyNotPartitionValue(name, text) ??
        (table === undefined ? undefined : whyNotTableValue(typeOf.get(name) ?? '', text));
      if (fault === undefined) continue;
      throw new ShardmillError('PARTITION_VALUE', `a value of "${name}" is ${fault}`, {
        where,
        remedy: `Replace it in the expression of ${name}${text === '' ? `, as in nullif(${name}, '')` : ''}, or leave such rows out with input.where.`,
      });
    }
  }
  if (reader.currentRowCount <= MAX_PARTITIONS_PER_PART) return;
  throw new ShardmillError(
    'PARTITION_LIMIT',
    `the ${part.rows} rows of a part have more than ${MAX_PARTITIONS_PER_PART} combinations of ${partitionBy.join(', ')}`,
    { where },
  );
}
