/** What a terminal shows after some output: enough of one for the lines that are drawn again. */
export function screenOf(output: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  // oxlint-disable-next-line no-control-regex -- these control a terminal
  for (const [piece, up, control] of output.matchAll(
    /\x1b\[(\d*)(A|K|J|m)|\x1b\[[?\d;]*[a-zA-Z]|\r|\n|[^\x1b\r\n]+/g,
  )) {
    if (piece === '\r') column = 0;
    else if (piece === '\n') {
      row++;
      column = 0;
      lines[row] ??= '';
    } else if (control === 'A') row = Math.max(0, row - Number(up || 1));
    else if (control === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
    else if (control === 'J') {
      lines[row] = (lines[row] ?? '').slice(0, column);
      lines.length = row + 1;
    } else if (!piece.startsWith('\x1b')) {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + piece + line.slice(column + piece.length);
      column += piece.length;
    }
  }
  return lines;
}
