import type { ObjectStore } from '@shardmill/core';
import { commitKey } from '../delta/log/log-files.js';
import type { TableField } from '../delta/schema/table-schema.js';

/** Actions of a table's log, as other programs write them. */
export const PROTOCOL = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };

export function metaDataOf(
  fields: readonly (Pick<TableField, 'name' | 'type'> & Partial<TableField>)[],
  change: { partitionColumns?: string[]; configuration?: Record<string, string> } = {},
) {
  const schema = {
    type: 'struct',
    fields: fields.map((field) => ({ nullable: true, metadata: {}, ...field })),
  };
  return {
    metaData: {
      id: 'f00d',
      name: null,
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify(schema),
      partitionColumns: [],
      configuration: {},
      createdTime: 1,
      ...change,
    },
  };
}

export function addOf(path: string, size: number, change: Record<string, unknown> = {}) {
  return {
    add: { path, partitionValues: {}, size, modificationTime: 1, dataChange: true, ...change },
  };
}

export const removeOf = (path: string, change: Record<string, unknown> = {}) => ({
  remove: { path, deletionTimestamp: 1, dataChange: true, ...change },
});

/** Writes a commit as another program does. */
export async function commit(
  store: ObjectStore,
  version: number,
  actions: readonly object[],
): Promise<void> {
  const lines = actions.map((action) => JSON.stringify(action));
  await store.create(commitKey(version), Buffer.from(`${lines.join('\n')}\n`));
}
