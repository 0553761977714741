import type { ProfileColumn } from '@shardmill/client/report';
import { formatCount, formatValue } from '../../ui/text/format.js';
import { cellBar } from '../charts/bar-chart.js';
import { histogramChart } from '../charts/histogram-chart.js';
import { html, type SafeHtml } from '../html/safe-html.js';

/** Frequent values that are listed of a column. */
const MAX_VALUES = 6;

/** One column of a profile: a histogram of numbers, or the most frequent values. */
export function profileMultiple(column: ProfileColumn, id: string): SafeHtml {
  const { name, type, histogram = [] } = column;
  const facts = factsOf(column).join(', ');
  const drawing =
    histogram.length > 0
      ? histogramChart({
          id,
          description: `Distribution of ${name}: ${facts}.`,
          // The first and the last bin reach to the extremes, which may be far away: all are as wide.
          bars: histogram.map(({ count }, index) => ({
            from: index,
            to: histogram.length === 1 ? index : index + 1,
            amount: count,
          })),
          labels: [formatValue(histogram[0]?.from ?? 0), formatValue(histogram.at(-1)?.to ?? 0)],
        })
      : frequentValues(column);
  return html`<figure><figcaption>${name} <small>${type}; ${facts}</small></figcaption>${drawing}</figure>`;
}

function factsOf(column: ProfileColumn): string[] {
  const { nulls, nan = 0, infinite = 0, mean, standardDeviation, distinct } = column;
  return [
    ...(typeof mean === 'number' ? [`mean ${formatValue(mean)}`] : []),
    ...(typeof standardDeviation === 'number' ? [`σ ${formatValue(standardDeviation)}`] : []),
    `${distinct.exact ? '' : 'about '}${formatCount(distinct.count)} different`,
    ...(nulls > 0 ? [`${formatCount(nulls)} null`] : []),
    ...(nan > 0 ? [`${formatCount(nan)} NaN`] : []),
    ...(infinite > 0 ? [`${formatCount(infinite)} infinite`] : []),
  ];
}

function frequentValues({ top, count, nulls }: ProfileColumn): SafeHtml {
  const values = (top ?? []).slice(0, MAX_VALUES);
  if (values.length === 0) {
    return html`<p class="note">${nulls === count ? 'There is no value.' : 'No value is frequent enough to be listed.'}</p>`;
  }
  const most = Math.max(...values.map(({ count: rows }) => rows), 1);
  return html`<ul class="tops">${values.map(
    ({ value, count: rows }) =>
      html`<li><span><span>${typeof value === 'number' ? formatValue(value) : value}</span><span>${formatCount(rows)}</span></span>${cellBar(rows / most)}</li>`,
  )}</ul>`;
}
