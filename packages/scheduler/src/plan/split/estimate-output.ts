import {
  type BoundJob,
  type Column,
  parseType,
  type TensorInfo,
  type TypeTree,
  unreachable,
} from '@shardmill/core';
import type { ColumnWeights } from '../footers/column-weights.js';

/** What a row of the output is estimated to have, compressed. */
export interface OutputEstimate {
  readonly bytesPerRow: number;
  /** Columns of which the input's footers say the bytes. */
  readonly measured: number;
}

export type EstimatedOutput = Pick<BoundJob, 'outputColumns' | 'columnUse'> & {
  readonly model: { readonly outputs: readonly TensorInfo[] };
};

/** Below, the name of a file is longer than what a row has in it. */
const MIN_BYTES_PER_ROW = 1 / 8;

/**
 * Bytes of a row in the output's files. A column that is one of the input, unchanged, has the bytes
 * that the footers count for it; any other has those of its type, for its values are not known
 * before they are computed. The same input gives the same estimate.
 */
export function estimateOutput(
  { outputColumns, columnUse, model }: EstimatedOutput,
  weights: Pick<ColumnWeights, 'perRow'>,
): OutputEstimate {
  let [bytesPerRow, measured] = [0, 0];
  for (const [index, column] of outputColumns.entries()) {
    const use = columnUse?.outputs[index];
    const [source] = use?.plain === true ? use.columns : [];
    const stored = source === undefined ? undefined : weights.perRow(source);
    if (stored !== undefined) {
      // Of tiny files most bytes are not those of the values.
      bytesPerRow += Math.min(stored, fixedBytes(column.type) ?? Number.POSITIVE_INFINITY);
      measured++;
      continue;
    }
    const [output] = use?.plain === true ? use.modelOutputs : [];
    const shape = model.outputs.find(({ name }) => name === output)?.shape;
    bytesPerRow += ofType(column, shape);
  }
  return { bytesPerRow: Math.max(MIN_BYTES_PER_ROW, bytesPerRow), measured };
}

/** Bytes by type, as Parquet stores it. */
const SCALAR_BYTES: ReadonlyMap<string, number> = new Map([
  ['BOOLEAN', 1 / 8],
  ['TINYINT', 1],
  ['UTINYINT', 1],
  ['SMALLINT', 2],
  ['USMALLINT', 2],
  ['INTEGER', 4],
  ['UINTEGER', 4],
  ['FLOAT', 4],
  ['DATE', 4],
  ['BIGINT', 8],
  ['UBIGINT', 8],
  ['DOUBLE', 8],
  ['TIME', 8],
  ['UUID', 16],
]);
/** Of a text, or of bytes, that nothing is known of. */
const TEXT_BYTES = 16;
/** Elements of a list of which the length is not known. */
const LIST_ELEMENTS = 8;

/** @param shape of the model's output that the column is, where it is one. */
function ofType({ type }: Column, shape: TensorInfo['shape'] | undefined): number {
  const tree = parseType(type);
  const width = shape?.slice(1).reduce<number>((product, dim) => product * dimension(dim), 1);
  if (tree.kind === 'list' && width !== undefined) return width * ofTree(tree.element);
  return ofTree(tree);
}

function dimension(dim: number | string): number {
  return typeof dim === 'number' && dim > 0 ? dim : LIST_ELEMENTS;
}

function ofTree(tree: TypeTree): number {
  switch (tree.kind) {
    case 'scalar':
      return fixedBytes(tree.name) ?? TEXT_BYTES;
    case 'list': {
      const fixed = Number(tree.suffix.slice(1, -1));
      return (fixed > 0 ? fixed : LIST_ELEMENTS) * ofTree(tree.element);
    }
    case 'struct':
      return tree.fields.reduce((sum, { type }) => sum + ofTree(type), 0);
    case 'map':
      return LIST_ELEMENTS * (ofTree(tree.key) + ofTree(tree.value));
    default:
      return unreachable(tree, 'type');
  }
}

/** Bytes of a type whose values all have as many; undefined for others. */
function fixedBytes(type: string): number | undefined {
  const digits = /^DECIMAL\((\d+)/.exec(type)?.[1];
  if (digits !== undefined) return Number(digits) <= 9 ? 4 : Number(digits) <= 18 ? 8 : 16;
  return type.startsWith('TIMESTAMP') ? 8 : SCALAR_BYTES.get(type);
}
