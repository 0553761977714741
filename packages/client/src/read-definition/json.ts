import { ShardmillError } from '@shardmill/core';

/** @throws JOB_UNREADABLE with line and column. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, column } = positionAt(text, firstFault(text));
    const message = error instanceof Error ? error.message : String(error);
    // V8 gives the offset in some messages only: the place is said in `where`.
    const plain = message.replace(/ \(line \d+ column \d+\)$/, '').replace(/ in JSON at .*$/, '');
    throw new ShardmillError('JOB_UNREADABLE', plain, {
      where: `${file}:${line}:${column}`,
      cause: error,
    });
  }
}

/** Line and column, from 1. */
function positionAt(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

const SCALAR =
  /"(?:[ !#-[\]-\uFFFF]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Nesting up to which a text is searched for a fault: what is nested deeper is one. */
const MAX_DEPTH = 500;

/** Offset of the first token that JSON (RFC 8259) does not allow at its place. */
function firstFault(text: string): number {
  let at = 0;
  const token = (): string => {
    while (/[ \t\n\r]/.test(text.charAt(at))) at++;
    SCALAR.lastIndex = at;
    return SCALAR.exec(text)?.[0] ?? text.charAt(at);
  };
  const take = (...allowed: string[]): boolean => {
    if (!allowed.includes(token())) return false;
    at++;
    return true;
  };
  const members = (close: string, member: () => boolean): boolean => {
    if (take(close)) return true;
    for (;;) {
      if (!member()) return false;
      if (take(close)) return true;
      if (!take(',')) return false;
    }
  };
  const scalar = (keyOnly: boolean): boolean => {
    const text = token();
    const fits = keyOnly ? text.startsWith('"') && text.length > 1 : /^["\w-]/.test(text);
    // A lone letter or quote is a token that did not match as a whole.
    if (!fits || (text.length === 1 && !/\d/.test(text))) return false;
    at += text.length;
    return true;
  };
  const value = (depth: number): boolean => {
    if (depth > MAX_DEPTH) return false;
    if (take('{')) return members('}', () => scalar(true) && take(':') && value(depth + 1));
    if (take('[')) return members(']', () => value(depth + 1));
    return scalar(false);
  };
  if (value(0)) token();
  return at;
}
