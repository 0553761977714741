import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column, RoundedColumn } from '@shardmill/core';
import { get, isNode, type SqlNode, walk } from '../../sql/parse-expression.js';

/** An expression with the input's columns that it names. */
export interface CheckedExpression {
  /** As the job says it. */
  readonly sql: string;
  /** As the engine runs it. */
  readonly addressed: string;
  readonly tree: SqlNode;
  readonly columns: readonly Column[];
  readonly where: string;
}

/**
 * Integers and decimals that an expression takes as floating point numbers although it does not say
 * so: DuckDB converts them where they meet one in a comparison, a sum, a `CASE` or a `coalesce`. It
 * shows in the plan of the query. Quotients, powers and functions of a floating point number are left
 * out: their results are approximate whatever goes into them.
 * @param from the FROM clause that the expression stands over.
 */
export async function roundedColumns(
  connection: DuckDBConnection,
  from: string,
  { sql, addressed, tree, columns, where }: CheckedExpression,
): Promise<RoundedColumn[]> {
  const wide = columns.filter(({ type }) => isWide(type, 'FLOAT'));
  if (wide.length === 0 || tree['class'] === 'COLUMN_REF') return [];
  const casts = findCasts(await planTexts(connection, `SELECT (${addressed}\n) FROM ${from}`));
  const said = columnsCastExplicitly(tree);
  return wide.flatMap(({ name, type }) => {
    if (said.has(name.toLowerCase())) return [];
    const cast = casts.find(({ inner, as }) => isWide(type, as) && names(inner, name));
    return cast === undefined ? [] : [{ column: name, type, as: cast.as, where, sql }];
  });
}

async function planTexts(connection: DuckDBConnection, select: string): Promise<string[]> {
  try {
    const reader = await connection.runAndReadAll(`EXPLAIN (FORMAT json) ${select}`);
    const texts: string[] = [];
    for (const row of reader.getRows()) collectTexts(JSON.parse(String(row[1])), texts);
    return texts;
  } catch {
    // It uses an earlier column of the output, which is not there alone.
    return [];
  }
}

function collectTexts(value: unknown, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (Array.isArray(value)) for (const item of value) collectTexts(item, texts);
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collectTexts(item, texts);
  }
}

interface Cast {
  readonly inner: string;
  readonly as: RoundedColumn['as'];
}

function findCasts(texts: readonly string[]): Cast[] {
  return texts.flatMap((text) =>
    [...text.matchAll(/(?<!TRY_)CAST\(/g)].flatMap(({ index }) => {
      const start = index + 'CAST('.length;
      const end = closing(text, start);
      const [, inner, as] = /^(.*) AS (FLOAT|DOUBLE)$/s.exec(text.slice(start, end)) ?? [];
      if (inner === undefined || (as !== 'FLOAT' && as !== 'DOUBLE')) return [];
      return isApproximate(text.slice(0, index), text.slice(end + 1)) ? [] : [{ inner, as }];
    }),
  );
}

/** Where the parenthesis that is open at `start` is closed. */
function closing(text: string, start: number): number {
  let depth = 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i;
  }
  return text.length;
}

/** Functions that give one of their arguments back. */
const CHOOSING = /(^|\W)(coalesce|greatest|least|list_value|case|when|then|else|in|and|or|not)\($/i;

function isApproximate(before: string, after: string): boolean {
  if (/[/^] $/.test(before) || /^ [/^] /.test(after)) return true;
  return /\w\($/.test(before) && !CHOOSING.test(before);
}

function names(text: string, name: string): boolean {
  const at = text.indexOf(name);
  if (at < 0) return false;
  return !/\w/.test(text[at - 1] ?? '') && !/\w/.test(text[at + name.length] ?? '');
}

/** Columns of which the job itself says that they become floating point numbers. */
function columnsCastExplicitly(tree: SqlNode): ReadonlySet<string> {
  const found = new Set<string>();
  for (const node of walk(tree)) {
    if (node['class'] !== 'CAST' || !/^(FLOAT|DOUBLE)$/.test(castTarget(node))) continue;
    if (!isNode(node['child'])) continue;
    for (const child of walk(node['child'])) {
      const path = child['column_names'];
      if (Array.isArray(path)) for (const part of path) found.add(String(part).toLowerCase());
    }
  }
  return found;
}

const castTarget = (node: SqlNode): string => String(get(node['cast_type'], 'id'));

/** Whether a type holds numbers that a floating point number does not. */
function isWide(type: string, as: RoundedColumn['as']): boolean {
  if (/^(U?BIGINT|U?HUGEINT)$/.test(type)) return true;
  const digits = Number(/^DECIMAL\((\d+),/.exec(type)?.[1] ?? 0);
  return as === 'DOUBLE' ? digits > 15 : digits > 7 || /^U?INTEGER$/.test(type);
}
