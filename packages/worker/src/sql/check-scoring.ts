import type { DuckDBConnection } from '@duckdb/node-api';
import { type Scoring, ShardmillError } from '@shardmill/core';
import { openDatabase } from '../duckdb/open-database.js';
import { type FunctionRules, loadFunctionRules } from './function-rules.js';
import { parseExpression } from './parse-expression.js';

/** More than binding has: what can be parsed there can be parsed here. */
const MEMORY_BYTES = 320 * 2 ** 20;

/**
 * Parses every expression and every type of a plan before any of it becomes part of a query: a
 * plan was stored where others may write, and what was checked as it was made may not be what is
 * there now. @throws EXPRESSION_INVALID, EXPRESSION_FORBIDDEN
 */
export async function checkScoring(scoring: Scoring): Promise<void> {
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: MEMORY_BYTES,
    folders: [],
  });
  try {
    const connection = await database.connect();
    const rules = await loadFunctionRules(connection);
    for (const { sql, where } of expressionsOf(scoring)) {
      await parseExpression(connection, rules, sql, where);
    }
    for (const type of typesOf(scoring)) await checkType(connection, rules, type);
  } finally {
    database.close();
  }
}

interface Placed {
  readonly sql: string;
  readonly where: string;
}

function expressionsOf(scoring: Scoring): Placed[] {
  const { input, transform, output, challengers = [] } = scoring;
  const features = [scoring, ...challengers].flatMap((one) => one.features);
  return [
    ...challengers.flatMap(({ name, rows }) =>
      rows === null ? [] : [{ sql: rows, where: `challengers.${name}.shareBy` }],
    ),
    ...(input.where === null ? [] : [{ sql: input.where, where: 'input.where' }]),
    ...features.flatMap((feature) =>
      feature.columns.map(({ sql }) => ({ sql, where: `features.${feature.input}` })),
    ),
    ...(transform?.columns ?? []).map(({ label, sql }) => ({
      sql,
      where: `transform.columns.${label}`,
    })),
    ...output.columns.map(({ name, sql }) => ({ sql, where: `output.columns.${name}` })),
  ];
}

/** Types that become part of a query: those of the input and of the output. */
function typesOf({ input, output }: Scoring): Set<string> {
  const columns = [
    ...input.columns,
    ...input.partitionColumns,
    ...input.layouts.flat(),
    ...output.columns,
  ];
  return new Set(columns.map(({ type }) => type));
}

async function checkType(
  connection: DuckDBConnection,
  rules: FunctionRules,
  type: string,
): Promise<void> {
  const where = 'the columns of the input';
  const cast = await parseExpression(connection, rules, `CAST(NULL AS ${type}\n)`, where);
  if (cast.tree['class'] === 'CAST') return;
  throw new ShardmillError('EXPRESSION_FORBIDDEN', `"${type}" is more than a type`, { where });
}
