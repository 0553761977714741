import { parse } from 'yaml';
import { commentLines, type Entry, isObject, type Value } from './outline.js';

/** The job as `job.yaml`, formatted as Prettier does. */
export function renderYaml(entries: readonly Entry[]): string {
  return `${entries.flatMap((entry, index) => entryLines(entry, '', index === 0)).join('\n')}\n`;
}

function entryLines(entry: Entry, indent: string, isFirst: boolean): string[] {
  const { key, value, comment, off, gap } = entry;
  return [
    ...(gap && !isFirst ? [''] : []),
    ...commentLines(comment, indent.length).map((line) => `${indent}# ${line}`),
    ...bodyLines(scalar(key), value).map((line) =>
      line === '' ? '' : `${indent}${off ? '# ' : ''}${line}`,
    ),
  ];
}

function bodyLines(name: string, value: Value): string[] {
  if (isObject(value)) return objectLines(name, value.inner);
  if (typeof value === 'string') return [`${name}: ${scalar(value)}`];
  if (typeof value !== 'object') return [`${name}: ${value}`];
  return [
    `${name}:`,
    ...value.map((item) => `  - ${typeof item === 'string' ? scalar(item) : item}`),
  ];
}

/** An object of which everything is commented out would be read as null. */
function objectLines(name: string, entries: readonly Entry[]): string[] {
  const empty = entries.every((entry) => entry.off);
  return [
    `${name}:${empty ? ' {} # without {} once a line below is used' : ''}`,
    ...entries.flatMap((child, index) => entryLines(child, '  ', index === 0)),
  ];
}

/** Plain where YAML reads it as this text, else in the quotes that need no escapes, double first. */
function scalar(text: string): string {
  if (isPlain(text)) return text;
  if (/[\p{Cc}\\]/u.test(text)) return JSON.stringify(text);
  return text.includes('"') ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
}

function isPlain(text: string): boolean {
  if (!/^[\p{L}_./(][^#]*$/u.test(text) || /[\p{Cc}\\]|:|\s$/u.test(text)) return false;
  return parse(text) === text;
}
