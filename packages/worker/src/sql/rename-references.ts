import { ShardmillError } from '@shardmill/core';
import { quoteName } from '../duckdb/quote.js';

/** A reference of which one part gets another name. */
export interface Renamed {
  /** The reference as it was parsed. */
  readonly path: readonly string[];
  /** Byte offset in the expression's UTF-8. */
  readonly location: number;
  /** Index into `path`. */
  readonly part: number;
  readonly name: string;
}

/**
 * The expression with these references renamed. Everything else stays as it was written.
 * @throws EXPRESSION_INVALID where the text at a location is not the reference.
 */
export function renameReferences(sql: string, renamed: readonly Renamed[], where: string): string {
  const bytes = Buffer.from(sql);
  let text = sql;
  // From the end, so that locations before stay valid.
  for (const { path, location, part, name } of renamed.toSorted(
    (a, b) => b.location - a.location,
  )) {
    const start = bytes.subarray(0, location).toString().length;
    const span = findPart(sql, start, path, part);
    if (span === undefined) {
      throw new ShardmillError(
        'EXPRESSION_INVALID',
        `"${sql}": cannot determine where it names "${path.join('.')}"`,
        { where, remedy: 'Write the name in double quotes.' },
      );
    }
    text = text.slice(0, span.from) + quoteName(name) + text.slice(span.to);
  }
  return text;
}

const GAP = /(?:\s|\/\*[\s\S]*?\*\/|--[^\n]*\n)*/y;
const IDENTIFIER = /"(?:[^"]|"")*"|[\p{L}_\u0080-\uffff][\p{L}\p{N}_$\u0080-\uffff]*/uy;

function findPart(
  sql: string,
  start: number,
  path: readonly string[],
  part: number,
): { from: number; to: number } | undefined {
  let at = start;
  for (let index = 0; index <= part; index++) {
    if (index > 0) {
      at = skip(GAP, sql, at);
      if (sql[at] !== '.') return undefined;
      at = skip(GAP, sql, at + 1);
    }
    const from = at;
    at = skip(IDENTIFIER, sql, at);
    const written = sql.slice(from, at);
    const name = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
    if (name !== path[index]) return undefined;
    if (index === part) return { from, to: at };
  }
  return undefined;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
