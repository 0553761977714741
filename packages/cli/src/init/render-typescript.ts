import { commentLines, type Entry, isObject, type Value } from './outline.js';

/** The text is formatted as Biome and Prettier format it, with single quotes. */
const LINE_WIDTH = 100;
const STEP = 2;

/** The job as `job.ts`, formatted. */
export function renderTypeScript(entries: readonly Entry[]): string {
  return [
    "import { defineJob } from 'shardmill';",
    '',
    'export default defineJob({',
    ...entriesLines(entries, STEP),
    '});',
    '',
  ].join('\n');
}

/** Lines with their indentation, which counts for their width. */
function entriesLines(entries: readonly Entry[], indent: number): string[] {
  return entries.flatMap((entry, index) => entryLines(entry, indent, index === 0));
}

function entryLines(entry: Entry, indent: number, isFirst: boolean): string[] {
  const { key, value, comment, off, gap } = entry;
  const pad = ' '.repeat(indent);
  const comments = commentLines(comment, indent);
  // A comment stands at the margin; what it holds is indented from there.
  const body = off
    ? bodyLines(key, value, 0).map((line) => `${pad}// ${line}`)
    : bodyLines(key, value, indent);
  return [...(gap && !isFirst ? [''] : []), ...comments.map((line) => `${pad}// ${line}`), ...body];
}

function bodyLines(key: string, value: Value, indent: number): string[] {
  const pad = ' '.repeat(indent);
  const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
  if (isObject(value)) {
    return [`${pad}${name}: {`, ...entriesLines(value.inner, indent + STEP), `${pad}},`];
  }
  if (typeof value === 'string') return stringLines(name, value, pad);
  if (typeof value !== 'object') return [`${pad}${name}: ${value},`];
  const items = value.map((item) => (typeof item === 'string' ? quote(item) : String(item)));
  const line = `${pad}${name}: [${items.join(', ')}],`;
  if (line.length <= LINE_WIDTH) return [line];
  return [`${pad}${name}: [`, ...items.map((item) => `${pad}  ${item},`), `${pad}],`];
}

/** A text that is too long goes to a line of its own, unless nothing would be gained by it. */
function stringLines(name: string, value: string, pad: string): string[] {
  const line = `${pad}${name}: ${quote(value)},`;
  if (line.length <= LINE_WIDTH || name.length < STEP + 3) return [line];
  return [`${pad}${name}:`, `${pad}  ${quote(value)},`];
}

/** Single quotes, or double ones where that saves escapes. */
function quote(text: string): string {
  const single = text.split("'").length;
  const double = text.split('"').length;
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return single > double
    ? `"${inner.replaceAll('"', '\\"')}"`
    : `'${inner.replaceAll("'", "\\'")}'`;
}
