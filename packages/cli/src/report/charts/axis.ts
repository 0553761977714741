import { scaleLinear, scaleUtc } from 'd3-scale';
import { formatDuration } from '@shardmill/core';
import { html, type SafeHtml } from '../html/safe-html.js';

/** A place on an axis, in percent of its length, with its label. */
export interface Tick {
  readonly percent: number;
  readonly label: string;
}

/** Instants at round distances from the start, for the time that something took. */
export function elapsedTicks(totalMs: number, count = 4): Tick[] {
  // A scale of dates has ticks at seconds, minutes and hours, where a linear one has powers of ten.
  const scale = scaleUtc([new Date(0), new Date(totalMs)], [0, 100]);
  return scale.ticks(count).map((tick) => ({
    percent: scale(tick),
    label: tick.getTime() === 0 ? '0' : formatDuration(tick.getTime()),
  }));
}

/** Round numbers from 0 to `most`, and the greatest value that the axis shows. */
export function amountTicks(
  most: number,
  format: (value: number) => string,
  count = 3,
): { readonly end: number; readonly ticks: readonly Tick[] } {
  const scale = scaleLinear([0, Math.max(most, Number.MIN_VALUE)], [0, 100]).nice(count);
  const [, end = most] = scale.domain();
  const ticks = scale.ticks(count).map((tick) => ({ percent: scale(tick), label: format(tick) }));
  return { end, ticks };
}

/** Labels below a chart; those at the ends stay within it. */
export function horizontalLabels(ticks: readonly Tick[], y: number): SafeHtml {
  return html`${ticks.map(({ percent, label }) => {
    const anchor = percent < 4 ? 'start' : percent > 92 ? 'end' : 'middle';
    return html`<text x="${percentOf(percent)}" y="${y}" text-anchor="${anchor}">${label}</text>`;
  })}`;
}

/** Two decimals are less than a pixel. */
export function percentOf(percent: number): string {
  return `${Number(percent.toFixed(2))}%`;
}
