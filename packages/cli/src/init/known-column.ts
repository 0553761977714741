import type { Column } from '@shardmill/core';
import type { InspectedParquet } from '@shardmill/client/services';

/** A column of the input, with what its footers and its first rows show. */
export interface KnownColumn extends Column {
  /** Null where a footer does not say. */
  readonly nulls: number | null;
  readonly sample?: InspectedParquet['columns'][number]['sample'];
  /** From the names of folders, not from the files; its type is left open (''). */
  readonly partition?: true;
}

/** Those of the files, then those of the folders, which win where both have a name. */
export function knownColumns({ columns, partitionColumns }: InspectedParquet): KnownColumn[] {
  const folders = new Set(partitionColumns.map((name) => name.toLowerCase()));
  return [
    ...columns.filter(({ name }) => !folders.has(name.toLowerCase())),
    ...partitionColumns.map((name) => ({ name, type: '', nulls: 0, partition: true as const })),
  ];
}

export const isList = ({ type }: Column): boolean => type.endsWith(']');
export const isText = ({ type }: Column): boolean => type === 'VARCHAR' || type.startsWith('ENUM');

export function isNumeric({ type }: Column): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL|BOOLEAN)/i.test(type);
}

/** Rows without a value, as far as is known. */
export const nullsOf = ({ nulls, sample }: KnownColumn): number => nulls ?? sample?.nulls ?? 0;
