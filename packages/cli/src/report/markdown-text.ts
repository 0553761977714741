import { showControls } from '@shardmill/core';

/** A table. @param firstNumber the first column that holds numbers. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  firstNumber = Infinity,
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index >= firstNumber ? '---:' : '---'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Text from outside, in which nothing is taken for Markdown or for HTML. */
export function markdownText(value: string): string {
  return showControls(value)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>#|~&]/g, String.raw`\$&`);
}

/** A backtick would end it, and a bar a cell of a table. */
export function markdownCode(value: string): string {
  return /[`|]/.test(value)
    ? markdownText(value)
    : `\`${showControls(value).replaceAll(/\s+/g, ' ')}\``;
}
