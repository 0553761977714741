import { scaleLinear } from 'd3-scale';
import { area, type CurveFactory, curveLinear, curveStepAfter, line } from 'd3-shape';
import { html, type SafeHtml } from '../html/safe-html.js';
import { amountTicks, elapsedTicks, horizontalLabels } from './axis.js';

/** A value at a time, in milliseconds after the start of the chart. */
export interface Point {
  readonly ms: number;
  readonly value: number;
}

export interface TimeChart {
  /** Unique in the page. */
  readonly id: string;
  /** What is to be seen, for those who do not see it. */
  readonly description: string;
  readonly totalMs: number;
  /** Whether a value holds until the next one. */
  readonly steps: boolean;
  /** The first has its area filled where it is alone; the second one has another colour and a broken line. */
  readonly series: readonly (readonly Point[])[];
  readonly format: (value: number) => string;
}

const TOP = 18;
const HEIGHT = 150;
const LABELS = 20;
/** Units of the drawing across; it is stretched to the width that there is. */
const WIDTH = 1000;

/**
 * Values over time. The drawing is stretched to the width of the page, and its texts are not: they
 * are as large on a telephone as on a wide screen.
 */
export function timeChart({
  id,
  description,
  totalMs,
  steps,
  series,
  format,
}: TimeChart): SafeHtml {
  const most = Math.max(0, ...series.flat().map(({ value }) => value));
  const { end, ticks } = amountTicks(most, format);
  const x = scaleLinear([0, Math.max(totalMs, 1)], [0, WIDTH]);
  const y = scaleLinear([0, end], [HEIGHT, 0]);
  const curve: CurveFactory = steps ? curveStepAfter : curveLinear;
  const outline = line<Point>(
    ({ ms }) => x(ms),
    ({ value }) => y(value),
  )
    .curve(curve)
    .digits(1);
  const filled = area<Point>(
    ({ ms }) => x(ms),
    HEIGHT,
    ({ value }) => y(value),
  )
    .curve(curve)
    .digits(1);
  return html`<svg class="chart" height="${TOP + HEIGHT + LABELS}" role="img" aria-labelledby="${id}"><title id="${id}">${description}</title>${ticks.map(
    ({ percent }) => {
      const at = TOP + HEIGHT * (1 - percent / 100);
      return html`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}"/>`;
    },
  )}<svg x="0" y="${TOP}" width="100%" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${series.map(
    (points, index) =>
      html`${
        series.length === 1 ? html`<path class="area" d="${filled(points) ?? ''}"/>` : ''
      }<path class="${index === 0 ? 'line' : 'line second'}" vector-effect="non-scaling-stroke" d="${outline(points) ?? ''}"/>`,
  )}</svg>${ticks
    .filter(({ percent }) => percent > 0)
    .map(
      ({ percent, label }) =>
        html`<text x="0" y="${TOP + HEIGHT * (1 - percent / 100) - 4}">${label}</text>`,
    )}${horizontalLabels(elapsedTicks(totalMs), TOP + HEIGHT + 15)}</svg>`;
}
