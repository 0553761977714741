import type { DuckDBConnection } from '@duckdb/node-api';
import { type Scoring, ShardmillError } from '@shardmill/core';
import { openDatabase } from '../duckdb/open-database.js';
import { type FunctionRules, loadFunctionRules } from './function-rules.js';
import { isParsed, parseExpression } from './parse-expression.js';

/** More than binding has: what can be parsed there can be parsed here. */
const MEMORY_BYTES = 320 * 2 ** 20;

/**
 * Parses every expression and every type of a plan before any of it becomes part of a query: a
 * plan was stored where others may write, and what was checked as it was made may not be what is
 * there now. What this process has parsed before, as it bound the job, is not parsed again.
 * @throws EXPRESSION_INVALID, EXPRESSION_FORBIDDEN
 */
export async function checkScoring(scoring: Scoring): Promise<void> {
  const expressions = expressionsOf(scoring).filter(({ sql }) => !isKnown(sql));
  const types = typesOf(scoring).filter((type) => !isParsed(castTo(type)));
  if (expressions.length === 0 && types.length === 0) return;
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: MEMORY_BYTES,
    folders: [],
  });
  try {
    const connection = await database.connect();
    const rules = await loadFunctionRules(connection);
    for (const { sql, where } of expressions) {
      await parseExpression(connection, rules, sql, where);
    }
    for (const type of types) await checkType(connection, rules, type);
  } finally {
    database.close();
  }
}

/** How a plan has an expression of a job, which was parsed between parentheses. */
const PARENTHESES = /^\(([\s\S]*)\n\)$/;
const CONVERSION = /^TRY_CAST\(\(([\s\S]*)\n\) AS ([A-Z ]+)\)$/;

/** Whether this process has parsed an expression, as it is or between the parentheses that it has in a plan. */
function isKnown(sql: string): boolean {
  if (isParsed(sql)) return true;
  const [, inside] = PARENTHESES.exec(sql) ?? [];
  if (inside !== undefined && isParsed(inside)) return true;
  const [, converted, type = ''] = CONVERSION.exec(sql) ?? [];
  return converted !== undefined && isParsed(converted) && PLAIN_TYPES.has(type);
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
function typesOf({ input, output }: Scoring): string[] {
  const columns = [
    ...input.columns,
    ...input.partitionColumns,
    ...input.layouts.flat(),
    ...output.columns,
  ];
  return [...new Set(columns.map(({ type }) => type))].filter((type) => !PLAIN_TYPES.has(type));
}

/** Types that need not be parsed: nothing can be in their names. */
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'BOOLEAN',
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'FLOAT',
  'DOUBLE',
  'VARCHAR',
  'BLOB',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE',
  'UUID',
]);

const castTo = (type: string): string => `CAST(NULL AS ${type}\n)`;

async function checkType(
  connection: DuckDBConnection,
  rules: FunctionRules,
  type: string,
): Promise<void> {
  const where = 'the columns of the input';
  const cast = await parseExpression(connection, rules, castTo(type), where);
  if (cast.tree['class'] === 'CAST') return;
  throw new ShardmillError('EXPRESSION_FORBIDDEN', `"${type}" is more than a type`, { where });
}
