import type { ReportColumn, RunReport } from '@shardmill/client/report';
import { formatCount, formatValue } from '../../ui/text/format.js';
import { equalWidthBins } from '../../ui/text/histogram.js';
import { histogramChart } from '../charts/histogram-chart.js';
import type { Section } from '../html/page.js';
import { html, type SafeHtml } from '../html/safe-html.js';
import { profileMultiple } from './profile-multiple.js';

const BINS = 24;

/** How the values of the result's columns are distributed. */
export function results({ columns, profile }: RunReport): Section {
  const texts = (profile?.outputs.columns ?? []).filter(
    ({ kind, top }) => kind === 'text' && top !== null && top.length > 0,
  );
  const numeric = columns.filter(({ deciles }) => deciles.length > 0);
  const shown = numeric.some(({ computed }) => computed)
    ? numeric.filter(({ computed }) => computed)
    : [];
  const content = html`${
    shown.length === 0
      ? html`<p>No statistics of numbers that the model computed are stored.</p>`
      : html`<p class="note">Of all rows that were scored. Each value is within 0.8% of its place.</p>`
  }<div class="multiples">${shown.map(multiple)}${texts.map((column, index) =>
    profileMultiple(column, `result-text-${index}`),
  )}</div>${columns.length === 0 ? '' : columnTable(columns)}`;
  return { id: 'results', title: 'Results', content };
}

function multiple(column: ReportColumn, index: number): SafeHtml {
  const { name, type, min, max, mean, deciles, points } = column;
  const bins = equalWidthBins({ min: min ?? 0, max: max ?? 0, deciles, points }, BINS);
  const median = deciles[4];
  const facts = [
    ...(mean === null ? [] : [`mean ${formatValue(mean)}`]),
    ...(median === undefined ? [] : [`median ${formatValue(median)}`]),
    ...gapsOf(column),
    ...(points.length === 0 ? ['bars from the deciles'] : []),
  ];
  return html`<figure><figcaption>${name} <small>${type}; ${facts.join(', ')}</small></figcaption>${histogramChart(
    {
      id: `result-${index}`,
      description: `Distribution of ${name}, from ${formatValue(min ?? 0)} to ${formatValue(max ?? 0)}: ${facts.join(', ')}.`,
      bars: bins.map(({ from, to, share }) => ({ from, to, amount: share })),
      labels: [formatValue(bins[0]?.from ?? 0), formatValue(bins.at(-1)?.to ?? 0)],
    },
  )}</figure>`;
}

function gapsOf({ nulls, nan, infinite }: ReportColumn): string[] {
  return [
    ...(nulls > 0 ? [`${formatCount(nulls)} null`] : []),
    ...((nan ?? 0) > 0 ? [`${formatCount(nan ?? 0)} NaN`] : []),
    ...((infinite ?? 0) > 0 ? [`${formatCount(infinite ?? 0)} infinite`] : []),
  ];
}

function columnTable(columns: readonly ReportColumn[]): SafeHtml {
  const number = (value: number | null): string => (value === null ? '–' : formatValue(value));
  return html`<h3>All columns</h3>
<table><thead><tr><th scope="col">Column</th><th scope="col" class="wide-only">Type</th><th scope="col" class="number">Null</th><th scope="col" class="number wide-only">NaN</th><th scope="col" class="number">Min</th><th scope="col" class="number">Mean</th><th scope="col" class="number">Max</th></tr></thead>
<tbody>${columns.map(
    ({ name, type, nulls, nan, min, mean, max }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td class="wide-only">${type}</td><td class="number">${formatCount(nulls)}</td><td class="number wide-only">${nan === null ? '–' : formatCount(nan)}</td><td class="number">${number(min)}</td><td class="number">${number(mean)}</td><td class="number">${number(max)}</td></tr>`,
  )}</tbody></table>`;
}
