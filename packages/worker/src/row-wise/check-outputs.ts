import { ShardmillError, type TensorInfo } from '@shardmill/core';
import type { RowProbe } from './probe-rows.js';

/** An output with what is known of it beside its declaration. */
export interface KnownOutput extends TensorInfo {
  /** Values per row: declared, or seen; undefined where neither. */
  readonly width: number | undefined;
  /** Dimensions after the rows that a call was seen to give. */
  readonly dims?: readonly number[] | undefined;
}

/**
 * Holds what calls of a few rows gave against the rows that they had and against what the model
 * declares. An output that is declared without dimensions, as converters do that know no shape, has
 * the shape that was seen. @throws MODEL_OUTPUT_SHAPE
 */
export function checkOutputs(
  { uri, outputs }: { readonly uri: string; readonly outputs: readonly TensorInfo[] },
  { calls }: RowProbe,
): KnownOutput[] {
  return outputs.map((output) => {
    const declared = declaredWidth(output);
    const seen = calls.flatMap(({ rows, outputs: given }) => {
      const dims = given.find(({ name }) => name === output.name)?.dims;
      return dims === undefined ? [] : [{ rows, dims }];
    });
    const refuse = (what: string, remedy?: string): ShardmillError =>
      new ShardmillError('MODEL_OUTPUT_SHAPE', `output "${output.name}" ${what}`, {
        where: uri,
        remedy,
      });
    for (const { rows, dims } of seen) {
      if (dims[0] === rows) continue;
      throw refuse(
        `has the shape ${listed(dims)} for ${rowsText(rows)}; expected ${rows} as the first dimension`,
      );
    }
    const [first] = seen;
    if (first === undefined) return { ...output, width: declared };
    const width = widthOf(first.dims);
    const dims = first.dims.slice(1);
    for (const { rows, dims } of seen) {
      if (widthOf(dims) === width) continue;
      throw refuse(
        `has the shape ${listed(first.dims)} for ${rowsText(first.rows)} and ${listed(dims)} for ${rows}: the values per row must be as many in every call`,
        'Export the model so that the dimensions after the first do not depend on the rows.',
      );
    }
    if (output.shape.length === 0) {
      return { ...output, shape: ['N', ...dims], width, dims };
    }
    if (declared !== undefined && declared !== width) {
      throw refuse(
        `is declared as ${listed(output.shape)}, ${valuesText(declared)} per row, and has the shape ${listed(first.dims)} for ${rowsText(first.rows)}, ${valuesText(width)} per row`,
        'Correct the declaration of the output, for example by exporting the model again.',
      );
    }
    return { ...output, width, dims };
  });
}

/** Values per row, where the declaration fixes all dimensions after the first. */
function declaredWidth({ shape }: TensorInfo): number | undefined {
  if (shape.length === 0) return undefined;
  let width = 1;
  for (const dim of shape.slice(1)) {
    if (typeof dim !== 'number' || dim < 0) return undefined;
    width *= dim;
  }
  return width;
}

const widthOf = (dims: readonly number[]): number =>
  dims.slice(1).reduce((product, dim) => product * dim, 1);

const listed = (dims: readonly (number | string)[]): string =>
  `[${dims.map((dim) => (dim === '' || dim === -1 ? '?' : dim)).join(', ')}]`;

const valuesText = (count: number): string => `${count} value${count === 1 ? '' : 's'}`;

const rowsText = (count: number): string => `${count} row${count === 1 ? '' : 's'}`;
