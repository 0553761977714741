import { foldName } from '@shardmill/core';

/** An expression that is only a column or an output, or one element of it. */
export interface PlainReference {
  readonly table: 'input' | 'model' | undefined;
  /** Folded: SQL does not distinguish names by case. */
  readonly name: string;
  /** Counted from 1; undefined for the whole. */
  readonly element: number | undefined;
}

const PLAIN = /^\(?(?:(input|model)\.)?(?:"((?:[^"]|"")*)"|([A-Za-z_]\w*))(?:\[(\d+)\])?\)?$/i;

/** @returns undefined where the expression is more than a reference. */
export function plainReference(sql: string): PlainReference | undefined {
  const match = PLAIN.exec(sql.trim());
  const name = match?.[2]?.replaceAll('""', '"') ?? match?.[3];
  if (match === null || name === undefined) return undefined;
  const table = match[1]?.toLowerCase();
  return {
    table: table === 'input' || table === 'model' ? table : undefined,
    name: foldName(name),
    element: match[4] === undefined ? undefined : Number(match[4]),
  };
}
