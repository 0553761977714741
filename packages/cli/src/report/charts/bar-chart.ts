import { html, type SafeHtml } from '../html/safe-html.js';
import { percentOf } from './axis.js';

/** A bar in the cell of a table whose number stands in another cell. */
export function cellBar(share: number, style: 'bar' | 'bar second' = 'bar'): SafeHtml {
  const width = share > 0 ? Math.max(share * 100, 0.5) : 0;
  return html`<svg class="chart" height="16" aria-hidden="true"><rect class="track" width="100%" height="2" y="14"/><rect class="${style}" width="${percentOf(width)}" height="14"/></svg>`;
}

export interface Period {
  readonly fromPercent: number;
  readonly toPercent: number;
}

/** When something was going on, as stretches of a strip that is the whole time. */
export function periodStrip(id: string, description: string, periods: readonly Period[]): SafeHtml {
  return html`<svg class="chart" height="14" role="img" aria-labelledby="${id}"><title id="${id}">${description}</title><rect class="track" width="100%" height="14"/>${periods.map(
    ({ fromPercent, toPercent }) =>
      html`<rect class="bar" x="${percentOf(fromPercent)}" width="${percentOf(Math.max(toPercent - fromPercent, 0.3))}" height="14"/>`,
  )}</svg>`;
}
