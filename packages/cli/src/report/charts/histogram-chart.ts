import { html, type SafeHtml } from '../html/safe-html.js';
import { percentOf } from './axis.js';

/** A bar of a histogram: values from `from` to `to`, in any unit of amount. */
interface HistogramBar {
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

export interface HistogramChart {
  /** Unique in the page. */
  readonly id: string;
  readonly description: string;
  readonly bars: readonly HistogramBar[];
  /** The amount of a bar of full height; the greatest of the bars where left out. */
  readonly most?: number | undefined;
  /** Whether it is the second of two that are compared. */
  readonly second?: boolean | undefined;
  /** What stands below its left and its right end; one where they are the same. */
  readonly labels: readonly [least: string, greatest: string];
}

const HEIGHT = 72;
const LABELS = 18;
/** A bar that is not empty is to be seen. */
const MIN_HEIGHT = 1.5;

/** How often values occur, with the least and the greatest bound below. */
export function histogramChart({
  id,
  description,
  bars,
  labels,
  ...drawn
}: HistogramChart): SafeHtml {
  const from = bars[0]?.from ?? 0;
  const to = bars.at(-1)?.to ?? 0;
  const most = drawn.most ?? Math.max(...bars.map(({ amount }) => amount), Number.MIN_VALUE);
  const style = drawn.second === true ? 'bar second' : 'bar';
  const width = to - from;
  return html`<svg class="chart" height="${HEIGHT + LABELS}" role="img" aria-labelledby="${id}"><title id="${id}">${description}</title>${bars.map(
    (bar) => {
      if (bar.amount <= 0) return '';
      const height = Math.max(MIN_HEIGHT, (bar.amount / most) * HEIGHT);
      const x = width > 0 ? ((bar.from - from) / width) * 100 : 40;
      const w = width > 0 ? ((bar.to - bar.from) / width) * 100 : 20;
      return html`<rect class="${style}" x="${percentOf(x)}" width="${percentOf(Math.max(w - 0.5, 0.3))}" y="${Number((HEIGHT - height).toFixed(1))}" height="${Number(height.toFixed(1))}"/>`;
    },
  )}<line class="grid" x1="0" x2="100%" y1="${HEIGHT}" y2="${HEIGHT}"/>${
    width > 0
      ? html`<text x="0" y="${HEIGHT + 14}">${labels[0]}</text><text x="100%" y="${HEIGHT + 14}" text-anchor="end">${labels[1]}</text>`
      : html`<text x="50%" y="${HEIGHT + 14}" text-anchor="middle">${labels[0]}</text>`
  }</svg>`;
}
