import {
  challengerColumn,
  challengerOutputName,
  type Column,
  foldName,
  type ScoredOutput,
} from '@shardmill/core';
import type { ParsedOutput } from '../outputs/bind-outputs.js';
import { SqlScope } from '../sql-scope.js';

/**
 * A challenger's expressions as the engine runs them: its outputs have names of Shardmill's own, and
 * earlier columns of its own those that they have in the output.
 */
export function addressColumns(
  place: { readonly name: string; readonly index: number },
  parsed: readonly ParsedOutput[],
  columns: readonly Column[],
  outputs: readonly ScoredOutput[],
): string[] {
  const outputNames = new Map(
    outputs.map(({ name }, output) => [name, challengerOutputName(place.index, output)]),
  );
  const earlier = new Map<string, string>();
  const scope = new SqlScope(columns, outputs, {
    output: (name) => outputNames.get(name) ?? name,
    earlier,
  });
  return parsed.map(({ name, expression }) => {
    const sql = scope.address(expression, `output.columns.${name}`);
    earlier.set(foldName(name), challengerColumn(place.name, name));
    // The names are like no others: a single pass has them without a table.
    return sql.replace(/"?\bmodel\b"?\s*\.\s*("_shardmill_challenger_\d+_\d+")/gi, '$1');
  });
}
