import type { DuckDBConnection } from '@duckdb/node-api';
import { ShardmillError } from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import type { FunctionRules } from './function-rules.js';
import { readText } from './read-text.js';

/** A node of DuckDB's parse tree, as `json_serialize_sql` gives it. */
export type SqlNode = Readonly<Record<string, unknown>>;

export interface Expression {
  readonly sql: string;
  readonly references: readonly Reference[];
  readonly tree: SqlNode;
}

/** A reference to a column. */
interface Reference {
  /** Its dotted path. */
  readonly path: readonly string[];
  /** Byte offset in the expression's UTF-8. */
  readonly location: number;
}

/** Longer ones are not kept. */
const MAX_KEPT_LENGTH = 1000;
const MAX_KEPT = 4096;

/** Expressions that this process has parsed: those that a job was bound with are those of its plan. */
const PARSED = new Map<string, Expression>();

/** Whether `parseExpression` has taken this text before: what it says of one never changes. */
export function isParsed(sql: string): boolean {
  return PARSED.has(sql);
}

/**
 * Parses one scalar expression over the columns of one row.
 * @throws EXPRESSION_INVALID where it does not parse, EXPRESSION_FORBIDDEN where it is more than
 *   a scalar expression or gives another answer each time.
 */
export async function parseExpression(
  connection: DuckDBConnection,
  rules: FunctionRules,
  sql: string,
  where: string,
): Promise<Expression> {
  const known = PARSED.get(sql);
  if (known !== undefined) return known;
  const parsed = await parseAnew(connection, rules, sql, where);
  if (isKept(sql)) keep(parsed);
  return parsed;
}

const isKept = (sql: string): boolean => sql.length <= MAX_KEPT_LENGTH;

function keep(expression: Expression): void {
  if (PARSED.size >= MAX_KEPT) PARSED.clear();
  PARSED.set(expression.sql, expression);
}

const PARENTHESIS = 'SELECT (';
/** The line break keeps a trailing comment from swallowing the parenthesis. */
const inParentheses = (sql: string): string => `${PARENTHESIS}${sql}\n)`;
/** In parentheses `a, b` is a row of two: without them it must be one expression, too. */
const isRow = (tree: SqlNode | undefined): boolean => tree?.['function_name'] === 'row';

/** Expressions of one statement: each question takes DuckDB half a millisecond, whatever is asked. */
const PARSED_AT_ONCE = 200;

/**
 * Parses expressions together, for calls of `parseExpression` that follow. What one of them is refused for is said there,
 * as what the time for it is spent on.
 */
export async function parseAhead(
  connection: DuckDBConnection,
  rules: FunctionRules,
  expressions: readonly { readonly sql: string }[],
): Promise<void> {
  const texts = new Set(expressions.map(({ sql }) => sql).filter(isKept));
  const unknown = [...texts].filter((sql) => !PARSED.has(sql));
  for (let first = 0; first < unknown.length; first += PARSED_AT_ONCE) {
    const some = unknown.slice(first, first + PARSED_AT_ONCE);
    const items = some.map((_, index) => `json_serialize_sql($${index + 1}::VARCHAR)`);
    const reader = await connection
      .runAndReadAll(`SELECT ${items.join(', ')}`, some.map(inParentheses))
      .catch(() => undefined);
    const row = reader?.getRows()[0] ?? [];
    for (const [index, sql] of some.entries()) {
      const parsed: unknown = row[index] === undefined ? undefined : JSON.parse(String(row[index]));
      const tree = get(parsed, 'error') === false ? singleExpression(parsed) : undefined;
      if (tree === undefined || isRow(tree) || findForbidden(tree, rules) !== undefined) continue;
      keep({ sql, tree, references: findReferences(tree, PARENTHESIS.length) });
    }
  }
}

async function parseAnew(
  connection: DuckDBConnection,
  rules: FunctionRules,
  sql: string,
  where: string,
): Promise<Expression> {
  const forbid = (what: string): ShardmillError =>
    new ShardmillError('EXPRESSION_FORBIDDEN', `"${sql}" ${what}`, { where });
  let offset = PARENTHESIS.length;
  const parsed = await parseSelect(connection, inParentheses(sql), where);
  if (get(parsed, 'error') === true) {
    // What is well-formed but no SELECT came in behind the expression.
    if (get(parsed, 'error_type') === 'not implemented') throw forbid(MORE_THAN_ONE);
    throw new ShardmillError(
      'EXPRESSION_INVALID',
      `cannot parse "${sql}": ${String(get(parsed, 'error_message'))}`,
      { where },
    );
  }
  let tree = singleExpression(parsed);
  if (isRow(tree)) {
    offset = 'SELECT '.length;
    tree = singleExpression(await parseSelect(connection, `SELECT ${sql}\n`, where));
  }
  if (tree === undefined) throw forbid(MORE_THAN_ONE);
  const forbidden = findForbidden(tree, rules);
  if (forbidden !== undefined) throw forbid(forbidden);
  return { sql, tree, references: findReferences(tree, offset) };
}

const MORE_THAN_ONE = 'is more than one expression';

async function parseSelect(
  connection: DuckDBConnection,
  statement: string,
  where: string,
): Promise<unknown> {
  const sql = 'SELECT json_serialize_sql($1::VARCHAR)';
  const text = await readText(connection, sql, [statement]).catch((error: unknown) => {
    if (duckdbFault(duckdbMessage(error)) !== 'memory') throw error;
    throw new ShardmillError(
      'EXPRESSION_INVALID',
      `an expression of ${statement.length} characters is too large to be checked`,
      {
        where,
        remedy: 'Put a long list of values into a column of the input, and compare with that.',
      },
    );
  });
  const parsed: unknown = JSON.parse(text);
  return parsed;
}

export function get(node: unknown, key: string): unknown {
  return typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined;
}

export function isNode(value: unknown): value is SqlNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The tree of `SELECT (expression)` and nothing else: no FROM, WHERE, second column or statement. */
function singleExpression(parsed: unknown): SqlNode | undefined {
  const statements = get(parsed, 'statements');
  if (!Array.isArray(statements) || statements.length !== 1) return undefined;
  const node = get(statements[0], 'node');
  const list = get(node, 'select_list');
  const plain =
    get(node, 'type') === 'SELECT_NODE' &&
    get(get(node, 'from_table'), 'type') === 'EMPTY' &&
    ['where_clause', 'having', 'sample', 'qualify'].every((key) => get(node, key) === null) &&
    [
      get(node, 'modifiers'),
      get(node, 'group_expressions'),
      get(get(node, 'cte_map'), 'map'),
    ].every((items) => Array.isArray(items) && items.length === 0);
  if (!plain || !Array.isArray(list) || list.length !== 1 || !isNode(list[0])) return undefined;
  return list[0];
}

function findForbidden(tree: SqlNode, rules: FunctionRules): string | undefined {
  for (const node of walk(tree)) {
    const name = String(node['function_name'] ?? '').toLowerCase();
    switch (node['class']) {
      case 'SUBQUERY':
        return 'has a subquery';
      case 'WINDOW':
        return 'has a window function';
      case 'STAR':
        return 'has a * over columns';
      case 'PARAMETER':
        return 'has a placeholder ($1 or ?)';
      case 'FUNCTION':
        if (rules.aggregate.has(name)) return `aggregates over rows with ${name}()`;
        if (rules.multiplying.has(name)) return `makes several rows of one with ${name}()`;
        if (rules.unstable.has(name)) return unstable(`${name}()`);
        if (name === 'age' && get(node['children'], 'length') === 1) {
          return unstable('age() of one argument, which is the time until now');
        }
        break;
      case 'COLUMN_REF': {
        const names = node['column_names'];
        const single = Array.isArray(names) && names.length === 1 ? String(names[0]) : '';
        if (rules.unstable.has(single.toLowerCase()) && /^(current|local)/i.test(single)) {
          return unstable(single);
        }
        break;
      }
      default:
        break;
    }
  }
  return undefined;
}

const unstable = (what: string): string =>
  `uses ${what}, which can give another answer each time it is asked; use a parameter such as '{{ ds }}'`;

function findReferences(tree: SqlNode, offset: number): Reference[] {
  const references: Reference[] = [];
  const lambdaParameters = new Set<string>();
  for (const node of walk(tree)) {
    if (node['class'] === 'LAMBDA' && isNode(node['lhs'])) {
      for (const parameter of walk(node['lhs'])) {
        for (const name of columnNames(parameter)) lambdaParameters.add(name);
      }
    }
  }
  for (const node of walk(tree)) {
    const names = columnNames(node);
    const first = names[0];
    if (first !== undefined && !(names.length === 1 && lambdaParameters.has(first))) {
      references.push({ path: names, location: Number(node['query_location']) - offset });
    }
  }
  return references;
}

function columnNames(node: SqlNode): string[] {
  const names = node['column_names'];
  return node['class'] === 'COLUMN_REF' && Array.isArray(names) ? names.map(String) : [];
}

export function* walk(node: unknown): Generator<SqlNode> {
  if (Array.isArray(node)) {
    for (const item of node) yield* walk(item);
  } else if (isNode(node)) {
    yield node;
    for (const value of Object.values(node)) yield* walk(value);
  }
}
