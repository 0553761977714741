import { type Entry, isObject, type Value } from './outline.js';

/** The job as `job.ts`. `packageName` is where `defineJob` is imported from. */
export function renderTypeScript(entries: readonly Entry[], packageName: string): string {
  return [
    `import { defineJob } from ${quote(packageName)};`,
    '',
    'export default defineJob({',
    ...entries.flatMap((entry) => entryLines(entry, '  ')),
    '});',
    '',
  ].join('\n');
}

function entryLines(entry: Entry, indent: string): string[] {
  const { key, value, comment, off, gap } = entry;
  const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
  const body = isObject(value)
    ? [`${name}: {`, ...value.inner.flatMap((child) => entryLines(child, '  ')), '},']
    : [`${name}: ${valueText(value)},`];
  return [
    ...(gap ? [''] : []),
    ...(comment ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => `${indent}// ${line}`),
    ...body.map((line) => (line === '' ? '' : `${indent}${off ? '// ' : ''}${line}`)),
  ];
}

function valueText(value: Exclude<Value, { inner: unknown }>): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'object') {
    const items = value.map(quote);
    const line = `[${items.join(', ')}]`;
    return line.length <= 80 ? line : `[\n    ${items.join(',\n    ')},\n  ]`;
  }
  return String(value);
}

/** Single quotes, or double ones where that saves escapes. */
function quote(text: string): string {
  const escaped = JSON.stringify(text);
  if (text.includes("'")) return escaped;
  return `'${escaped.slice(1, -1).replaceAll('\\"', '"')}'`;
}
