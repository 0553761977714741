import { html, type SafeHtml } from '../html/safe-html.js';
import { percentOf } from './axis.js';

/** The shares of one bin. */
interface SharePair {
  readonly first: number;
  readonly second: number;
}

export interface PairChart {
  /** Unique in the page. */
  readonly id: string;
  readonly description: string;
  /** Shares of the rows, in the order of the bins, which are drawn with one width. */
  readonly pairs: readonly SharePair[];
  /** What stands below its left and its right end. */
  readonly labels: readonly [left: string, right: string];
}

const HEIGHT = 72;
const LABELS = 18;
/** A bar that is not empty is to be seen. */
const MIN_HEIGHT = 1.5;
/** Of the width of a bin, between it and the next one. */
const GAP = 0.15;

/** Two distributions over the same bins: two bars for each bin, side by side. */
export function pairChart({ id, description, pairs, labels }: PairChart): SafeHtml {
  const most = Math.max(...pairs.flatMap(({ first, second }) => [first, second]), 1e-9);
  const bin = 100 / Math.max(pairs.length, 1);
  const width = (bin * (1 - GAP)) / 2;
  const bar = (share: number, left: number, style: string): SafeHtml | string => {
    if (share <= 0) return '';
    const height = Math.max(MIN_HEIGHT, (share / most) * HEIGHT);
    return html`<rect class="${style}" x="${percentOf(left)}" width="${percentOf(width)}" y="${Number((HEIGHT - height).toFixed(1))}" height="${Number(height.toFixed(1))}"/>`;
  };
  return html`<svg class="chart" height="${HEIGHT + LABELS}" role="img" aria-labelledby="${id}"><title id="${id}">${description}</title>${pairs.map(
    ({ first, second }, i) => [
      bar(first, i * bin, 'bar second'),
      bar(second, i * bin + width, 'bar'),
    ],
  )}<line class="grid" x1="0" x2="100%" y1="${HEIGHT}" y2="${HEIGHT}"/><text x="0" y="${HEIGHT + 14}">${labels[0]}</text><text x="100%" y="${HEIGHT + 14}" text-anchor="end">${labels[1]}</text></svg>`;
}
