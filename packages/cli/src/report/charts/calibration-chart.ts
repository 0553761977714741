import { html, type SafeHtml } from '../html/safe-html.js';
import { percentOf } from './axis.js';

export interface CalibrationChart {
  /** Unique in the page. */
  readonly id: string;
  readonly description: string;
  /** Mean score and share of positives of each bin, from 0 to 1. */
  readonly points: readonly { readonly score: number; readonly observed: number }[];
}

const TOP = 4;
const HEIGHT = 140;
const LABELS = 18;
const RADIUS = 4;

/** Where points of a perfect calibration lie is the diagonal. */
export function calibrationChart({ id, description, points }: CalibrationChart): SafeHtml {
  const x = (share: number): string => percentOf(share * 100);
  const y = (share: number): number => Number((TOP + HEIGHT * (1 - share)).toFixed(1));
  const bottom = y(0);
  return html`<svg class="chart" height="${TOP + HEIGHT + LABELS}" role="img" aria-labelledby="${id}"><title id="${id}">${description}</title><line class="grid" x1="0" x2="100%" y1="${bottom}" y2="${bottom}"/><line class="grid" x1="0" x2="100%" y1="${y(1)}" y2="${y(1)}"/><line class="grid" x1="0" x2="100%" y1="${bottom}" y2="${y(1)}"/>${points.map(
    ({ score, observed }, index) => {
      const next = points[index + 1];
      const step =
        next === undefined
          ? ''
          : html`<line class="line" x1="${x(score)}" x2="${x(next.score)}" y1="${y(observed)}" y2="${y(next.observed)}"/>`;
      return html`${step}<circle class="bar" cx="${x(score)}" cy="${y(observed)}" r="${RADIUS}"/>`;
    },
  )}<text x="0" y="${bottom + 14}">0</text><text x="100%" y="${bottom + 14}" text-anchor="end">1</text></svg>`;
}
