import {
  type Column,
  foldName,
  type Job,
  NameIndex,
  type ScoredOutput,
  type Scoring,
  ShardmillError,
  sqlNameLookup,
  type TensorInfo,
  whyNotOutputName,
} from '@shardmill/core';
import type { ModelOutput } from '../../lane/lane-messages.js';
import { sqlTypeOf } from '../../onnx/tensor-types.js';
import { quoteName } from '../../duckdb/quote.js';
import type { Expression } from '../../sql/parse-expression.js';
import { findOne } from '../find-one.js';

export interface ParsedOutput {
  readonly name: string;
  readonly expression: Expression;
  /** As the engine runs it, where that is known already. */
  readonly addressed?: string;
  /** Where in the job it stands, if not in `output.columns`. */
  readonly where?: string;
}

/**
 * `passThrough` columns as expressions, before the job's own.
 * @throws COLUMN_NOT_FOUND, EXPRESSION_AMBIGUOUS, JOB_INVALID for a name that no output can have
 */
export function passThroughColumns(
  output: Job['output'],
  columns: readonly Column[],
): [name: string, sql: string][] {
  const names =
    output.passThrough === '*' ? columns.map((column) => column.name) : output.passThrough;
  const index = new NameIndex(columns);
  const sqlName = sqlNameLookup(columns, 'column');
  const where = 'output.passThrough';
  const inputColumns = { owner: 'the input', kind: 'column', list: 'Columns are' };
  return names.map((name) => {
    const column = findOne(index, name, inputColumns, where);
    return [name, `input.${quoteName(sqlName(column.name))}`];
  });
}

/** @throws JOB_INVALID for a name that no output column can have. */
export function refuseOutputName(name: string, output: Job['output']): void {
  const fault = whyNotOutputName(name);
  if (fault === undefined) return;
  const listed = Object.hasOwn(output.columns, name);
  throw new ShardmillError(
    'JOB_INVALID',
    `${JSON.stringify(name)} cannot be the name of an output column: ${fault}`,
    {
      where: listed ? 'output.columns' : 'output.passThrough',
      remedy: listed
        ? 'Choose another name.'
        : 'List the columns to hand on in output.passThrough, or give this one a name in output.columns.',
    },
  );
}

/**
 * The model outputs that the expressions use; all tensor outputs where they use none.
 * @param pooled outputs that are made of those.
 * @throws MODEL_OUTPUT_NOT_TENSOR
 */
export function usedOutputs(
  parsed: readonly ParsedOutput[],
  outputs: readonly ModelOutput[],
  pooled: readonly ScoredOutput[] = [],
): ScoredOutput[] {
  const named = new Set<string>();
  const all = [...outputs, ...new Map(pooled.map((output) => [output.name, output])).values()];
  const index = new NameIndex(all);
  for (const { name, expression } of parsed) {
    for (const {
      path: [first, second],
    } of expression.references) {
      const reference = first?.toLowerCase() === 'model' && second !== undefined ? second : first;
      // Which of several is meant, their addressing decides.
      for (const output of index.find(reference ?? '')) {
        if (output.type === 'non-tensor') {
          const tensors = outputs.filter(isTensor).map((o) => `"${o.name}"`);
          throw new ShardmillError(
            'MODEL_OUTPUT_NOT_TENSOR',
            `the model's output "${output.name}" is a map or a sequence, not a tensor`,
            {
              where: `output.columns.${name}`,
              remedy: `Use a tensor output (${tensors.join(', ') || 'there is none'}), or export the model with a tensor in its place.`,
            },
          );
        }
        named.add(output.name);
      }
    }
  }
  if (named.size === 0) return outputs.filter(isTensor);
  return all.filter(isTensor).filter((output) => named.has(output.name));
}

export const isTensor = <T extends TensorInfo>(
  output: T | Exclude<ModelOutput, TensorInfo>,
): output is T => output.type !== 'non-tensor';

/** The SQL type in which an output is seen: a scalar, or a list of what is in a row. */
export function outputSqlType(output: TensorInfo): string {
  return isScalarOutput(output) ? sqlTypeOf(output.type) : `${sqlTypeOf(output.type)}[]`;
}

/** Whether the model's own shape says one value per row, [N] or [N, 1]. */
export function isScalarOutput({ shape }: TensorInfo): boolean {
  return shape.slice(1).every((dim) => dim === 1);
}

/**
 * Refuses names that mean two things: an output column used by a later expression, whose name is
 * also an input column or a model output (DuckDB would silently take the column).
 * @throws EXPRESSION_AMBIGUOUS, EXPRESSION_FORBIDDEN for `input` or `model` alone
 */
export function checkShadowing(
  parsed: readonly ParsedOutput[],
  columns: readonly Column[],
  outputs: readonly TensorInfo[],
): void {
  const earlier = new Map<string, Expression>();
  const namesOf = (list: readonly { name: string }[]): ReadonlyMap<string, string> =>
    new Map(list.map((item) => [foldName(item.name), item.name]));
  const [columnNames, outputNames] = [namesOf(columns), namesOf(outputs)];
  const sqlName = sqlNameLookup(columns, 'column');
  for (const { name, expression } of parsed) {
    for (const { path: reference } of expression.references) {
      const used = foldName(reference[0] ?? '');
      const column = columnNames.get(used);
      const source = column ?? outputNames.get(used);
      const alias = earlier.get(used);
      if (reference.length > 1) continue;
      if (/^(input|model)$/.test(used) && alias === undefined && source === undefined) {
        throw new ShardmillError('EXPRESSION_FORBIDDEN', `"${reference[0]}" is the whole row`, {
          where: `output.columns.${name}`,
          remedy: `Name a column, ${used}.NAME, or use output.passThrough: '*'.`,
        });
      }
      if (alias === undefined || source === undefined) continue;
      const kind = column === undefined ? 'model' : 'input';
      if (isBare(alias, source) || isBare(alias, sqlName(source))) continue;
      throw new ShardmillError(
        'EXPRESSION_AMBIGUOUS',
        `"${reference[0]}" can be the output column of that name or the ${kind === 'input' ? "input's column" : "model's output"} "${source}"`,
        {
          where: `output.columns.${name}`,
          remedy: `Write ${kind}.${source} for the ${kind === 'input' ? 'column' : 'model output'}, or rename the output column.`,
        },
      );
    }
    earlier.set(foldName(name), expression);
  }
}

/** Whether an expression is just that column, so that both meanings are the same. */
function isBare(expression: Expression, name: string): boolean {
  const [reference] = expression.references;
  return (
    expression.tree['class'] === 'COLUMN_REF' &&
    foldName(reference?.path.at(-1) ?? '') === foldName(name)
  );
}

/** The columns of the result as SELECT items, in order; later ones may use earlier ones. */
export function selectList(columns: Scoring['output']['columns']): string {
  return columns.map((column) => `(${column.sql}\n) AS ${quoteName(column.name)}`).join(', ');
}
