import { foldName, type Scoring, type TensorInfo } from '@shardmill/core';
import { isScalarOutput } from '../bind/outputs/bind-outputs.js';
import { plainReference } from '../sql/plain-reference.js';

/** A column of the output that is a model output as it is (`score`, `probabilities[2]`), of floats. */
export interface DirectColumn {
  readonly name: string;
  /** Index of the model output. */
  readonly tensor: number;
  /** Element of its row. */
  readonly element: number;
}

/** @param outputs of one model, by the names that expressions have for them. */
export function directColumns(
  columns: Scoring['output']['columns'],
  outputs: readonly TensorInfo[],
): DirectColumn[] {
  return columns.flatMap(({ name, sql }) => {
    const reference = plainReference(sql);
    if (reference === undefined || reference.table === 'input') return [];
    const tensor = outputs.findIndex((output) => foldName(output.name) === reference.name);
    const output = outputs[tensor];
    if (output === undefined || !/^float(32|64)$/.test(output.type)) return [];
    const scalar = isScalarOutput(output);
    // A list is no number, and element 0 of one, or one past its end, is null.
    const width = Number(output.shape[1]);
    const element = (reference.element ?? 1) - 1;
    if (scalar !== (reference.element === undefined) || element < 0) return [];
    if (!scalar && (output.shape.length !== 2 || !(element < width))) return [];
    return [{ name, tensor, element }];
  });
}
