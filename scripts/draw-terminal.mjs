// Draws what a command printed as an SVG picture of a terminal, for the documents:
//   FORCE_COLOR=1 npm start 2>&1 | node scripts/draw-terminal.mjs 'npm start' > docs/images/run.svg
import { readFileSync } from 'node:fs';

const COLUMN = 8.43;
const LINE = 19;
const MARGIN = 16;
const COLORS = { 31: '#ff7b72', 32: '#7ee787', 33: '#d29922', 36: '#79c0ff' };

const prompt = `\x1b[32m$\x1b[39m ${process.argv[2] ?? ''}`;
const lines = [prompt, ...readFileSync(0, 'utf8').trimEnd().split('\n')];
const widest = Math.max(...lines.map((line) => line.replaceAll(/\x1b\[\d+m/g, '').length));
const width = Math.ceil(widest * COLUMN + 2 * MARGIN);
const height = lines.length * LINE + 2 * MARGIN;

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">
${lines.map(drawLine).join('\n')}
</g>
</svg>
`);

/** One text element per stretch of one style, at its own column: fonts differ in their widths. */
function drawLine(line, row) {
  const y = MARGIN + (row + 0.75) * LINE;
  let column = 0;
  let style = {};
  let drawn = '';
  for (const piece of line.split(/(\x1b\[\d+m)/)) {
    const code = /^\x1b\[(\d+)m$/.exec(piece)?.[1];
    if (code !== undefined) style = restyle(style, Number(code));
    else {
      // Pieces that several spaces divide are drawn apart, so that columns stay under each other.
      for (const word of piece.split(/( {2,})/)) {
        if (word.trim() !== '') drawn += text(word, MARGIN + column * COLUMN, y, style);
        column += word.length;
      }
    }
  }
  return drawn;
}

function restyle(style, code) {
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  return { ...style, color: COLORS[code] };
}

function text(words, x, y, { bold, dim, color }) {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const weight = bold ? ' font-weight="bold"' : '';
  const fill = dim ? ' fill="#8b949e"' : color === undefined ? '' : ` fill="${color}"`;
  const length = (words.length * COLUMN).toFixed(1);
  return `<text x="${x.toFixed(1)}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"${weight}${fill}>${escaped}</text>`;
}
