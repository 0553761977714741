import { stripVTControlCharacters } from 'node:util';

/** Columns that a text takes on a terminal, colours not counted. */
export function visibleLength(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/**
 * Lines of at most `width` columns where words allow it; line breaks of the text are kept. Lines
 * after the first begin with `indent` spaces; the first is taken to begin at column `start`.
 */
export function wrapText(text: string, width: number, indent: number, start = indent): string {
  const pad = ' '.repeat(indent);
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let room = width - (lines.length === 0 ? start : indent);
    for (const word of paragraph.split(' ')) {
      if (line !== '' && visibleLength(line) + 1 + visibleLength(word) > room) {
        lines.push(line);
        line = word;
        room = width - indent;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines.map((line, i) => (i === 0 || line === '' ? line : pad + line)).join('\n');
}

/** A text of one line cut to `width` columns, with `…` at the cut. For text without colours. */
export function truncate(text: string, width: number): string {
  const characters = Array.from(text.replaceAll(/\s+/g, ' '));
  return characters.length <= width
    ? characters.join('')
    : `${characters.slice(0, width - 1).join('')}…`;
}

export type Alignment = 'left' | 'right';

/** Rows of cells as aligned lines, two spaces apart, each behind `indent` spaces. */
export function table(
  rows: readonly (readonly string[])[],
  align: readonly Alignment[] = [],
  indent = 2,
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, visibleLength(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const space = ' '.repeat((widths[i] ?? 0) - visibleLength(cell));
      return align[i] === 'right' ? space + cell : cell + space;
    });
    return (' '.repeat(indent) + cells.join('  ')).trimEnd();
  });
}

export type Field = readonly [label: string, value: string];

/** A field for `fieldLines`, or none where there is nothing to say. */
export function optionalField(label: string, value: string | null | undefined): Field[] {
  return value == null || value === '' ? [] : [[label, value]];
}

/**
 * Labels with values below each other; a label is said once for all lines of its value. Values are
 * wrapped at words to `width` columns.
 */
export function fieldLines(
  fields: readonly Field[],
  label: (text: string) => string,
  width = Infinity,
): string[] {
  const labels = Math.max(0, ...fields.map(([name]) => visibleLength(name)));
  const room = Math.max(MIN_VALUE_WIDTH, width - labels - 4);
  const rows = fields.flatMap(([name, value]) =>
    wrapText(value, room, 0)
      .split('\n')
      .map((line, i) => [i === 0 ? label(name) : '', line]),
  );
  return table(rows);
}

/** Values are not squeezed further, however narrow the terminal is. */
const MIN_VALUE_WIDTH = 24;

/** A line cut to `width` columns, with `…` at the cut; colours are kept and ended. */
export function cutLine(line: string, width: number, endOfColors = '\x1b[0m'): string {
  if (visibleLength(line) <= width) return line;
  let room = width - 1;
  let cut = '';
  for (const [piece] of line.matchAll(TEXT_OR_COLOR)) {
    if (piece.startsWith('\x1b')) cut += piece;
    else {
      const characters = Array.from(piece).slice(0, room);
      room -= characters.length;
      cut += characters.join('');
      if (room <= 0) break;
    }
  }
  return `${cut}…${cut.includes('\x1b') ? endOfColors : ''}`;
}

// oxlint-disable-next-line no-control-regex -- colours are control characters
const TEXT_OR_COLOR = /\x1b\[[\d;]*m|[^\x1b]+/g;
