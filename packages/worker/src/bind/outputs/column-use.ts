import { type Column, type ColumnUse, foldName, type TensorInfo } from '@shardmill/core';
import type { Expression } from '../../sql/parse-expression.js';
import type { ParsedOutput } from './bind-outputs.js';
import type { SqlScope } from '../sql-scope.js';

type OutputUse = ColumnUse['outputs'][number];

/**
 * Which input columns and model outputs each output column is made of, as DuckDB's parser sees them.
 * @param others the expressions over the input alone, with where in the job they stand.
 */
export function columnUseOf(
  others: readonly { readonly expression: Expression; readonly where: string }[],
  parsed: readonly ParsedOutput[],
  scope: SqlScope<Column, TensorInfo>,
): ColumnUse {
  const [where, features] = [new Set<string>(), new Set<string>()];
  for (const { expression, where: place } of others) {
    const used = place === 'input.where' ? where : features;
    for (const { path } of expression.references) {
      for (const { name } of scope.columns(path)) used.add(name);
    }
  }
  const earlier = new Map<string, OutputUse>();
  const outputs = parsed.map(({ name, expression }): OutputUse => {
    const use = useOf(expression, scope, earlier);
    earlier.set(foldName(name), use);
    return use;
  });
  return { where: [...where], features: [...features], outputs };
}

function useOf(
  { tree, references }: Expression,
  scope: SqlScope<Column, TensorInfo>,
  earlier: ReadonlyMap<string, OutputUse>,
): OutputUse {
  const [columns, modelOutputs] = [new Set<string>(), new Set<string>()];
  let aliased = false;
  for (const { path } of references) {
    const [own, made] = [scope.columns(path), scope.outputs(path)];
    for (const { name } of own) columns.add(name);
    for (const { name } of made) modelOutputs.add(name);
    if (own.length + made.length > 0) continue;
    const alias = earlier.get(foldName(path[0] ?? ''));
    if (alias === undefined) continue;
    aliased ||= !alias.plain;
    for (const name of alias.columns) columns.add(name);
    for (const name of alias.modelOutputs) modelOutputs.add(name);
  }
  const single = columns.size + modelOutputs.size === 1;
  return {
    columns: [...columns],
    modelOutputs: [...modelOutputs],
    plain: tree['class'] === 'COLUMN_REF' && single && !aliased && isWhole(references[0]?.path),
  };
}

/** Neither a field of a structure nor anything else below the column: `c`, `input.c`, `model.c`. */
function isWhole(path: readonly string[] = []): boolean {
  return path.length === 1 || (path.length === 2 && /^(input|model)$/i.test(path[0] ?? ''));
}
