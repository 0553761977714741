import { type Entry, isObject, type Value } from './outline.js';

/** The job as `job.yaml`. */
export function renderYaml(entries: readonly Entry[]): string {
  const lines = entries.flatMap((entry) => entryLines(entry, ''));
  return `${lines.join('\n')}\n`.replace(/^\n/, '');
}

function entryLines(entry: Entry, indent: string): string[] {
  const { key, value, comment, off, gap } = entry;
  const name = scalar(key);
  const body = isObject(value) ? objectLines(name, value.inner) : [`${name}: ${valueText(value)}`];
  return [
    ...(gap ? [''] : []),
    ...(comment ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => `${indent}# ${line}`),
    ...body.map((line) => (line === '' ? '' : `${indent}${off ? '# ' : ''}${line}`)),
  ];
}

/** An object of which everything is commented out would be read as null. */
function objectLines(name: string, entries: readonly Entry[]): string[] {
  const empty = entries.every((entry) => entry.off);
  return [
    `${name}:${empty ? ' {} # without {} once a line below is used' : ''}`,
    ...entries.flatMap((child) => entryLines(child, '  ')),
  ];
}

function valueText(value: Exclude<Value, { inner: unknown }>): string {
  if (typeof value === 'string') return scalar(value);
  if (typeof value === 'object') return `[${value.map((item) => scalar(item)).join(', ')}]`;
  return String(value);
}

/** Plain where YAML cannot take it for anything else, else in single quotes. */
function scalar(text: string): string {
  const plain =
    /^[A-Za-z_./][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text);
  if (plain) return text;
  return /[\n\r\t]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}
