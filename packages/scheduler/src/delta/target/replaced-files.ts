import type { Column, PartitionValues, Plan } from '@shardmill/core';
import type { AddFile } from '../log/actions.js';
import type { Snapshot } from '../log/snapshot.js';
import { partitionValue } from '../read/partition-value.js';

/** What a run writes to a table. */
interface Written {
  readonly mode: Plan['mode'];
  readonly columns: readonly Column[];
  readonly partitionBy?: readonly string[] | undefined;
  readonly parts: readonly { readonly partition?: PartitionValues | undefined }[];
}

/**
 * The files of a table that the commit of a run removes: all of them, or those of the partitions that it
 * writes files of. The values decide, whatever form another writer gave them.
 */
export function replacedFiles(
  snapshot: Snapshot | undefined,
  { mode, columns, partitionBy = [], parts }: Written,
): AddFile[] {
  const files = [...(snapshot?.files.values() ?? [])];
  switch (mode) {
    case 'create':
    case 'append':
      return [];
    case 'overwrite':
      return files;
    case 'replace-partitions': {
      const types = partitionBy.map((name): [string, string] => [
        name,
        columns.find((column) => column.name === name)?.type ?? '',
      ]);
      const keyOf = (values: PartitionValues): string =>
        JSON.stringify(types.map(([name, type]) => normalized(values[name] ?? null, type)));
      const written = new Set(parts.map(({ partition = {} }) => keyOf(partition)));
      return files.filter(({ partitionValues }) => written.has(keyOf(partitionValues)));
    }
    default: {
      const unknown: never = mode;
      return unknown;
    }
  }
}

/** One text for each value; one that is none of its type is as it is. */
function normalized(text: string | null, type: string): string | null {
  const value = partitionValue(text, type);
  if (value === undefined) return text;
  return type === 'BOOLEAN' ? (value?.toLowerCase() ?? null) : value;
}
