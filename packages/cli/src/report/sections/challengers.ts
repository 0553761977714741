import type { ReportColumn, RunReport } from '@shardmill/client/report';
import type { ChallengerReport, ComparedColumn, ComparedNumbers } from '@shardmill/core';
import { percentText } from '../../ui/run/challenger-lines.js';
import { formatCount, formatValue, plural } from '../../ui/text/format.js';
import { equalWidthBins } from '../../ui/text/histogram.js';
import { cellBar } from '../charts/bar-chart.js';
import { histogramChart } from '../charts/histogram-chart.js';
import type { Section } from '../html/page.js';
import { html, type SafeHtml } from '../html/safe-html.js';

const BINS = 24;
/** Further ones are in the manifest. */
const MAX_FLIPS = 12;

/** How challengers compare with the champion; undefined for a run without one. */
export function challengers({ challengers: all, columns }: RunReport): Section | undefined {
  if (all.length === 0) return undefined;
  const content = html`${all.map((one, index) => challengerPart(one, index, columns))}`;
  return { id: 'challengers', title: 'Champion and challengers', content };
}

function challengerPart(
  { name, uri, sha256, share, rows, columns: compared }: ChallengerReport,
  index: number,
  columns: readonly ReportColumn[],
): SafeHtml {
  const failed =
    rows.failed === 0 ? '' : `; for ${plural(rows.failed, 'row')} of them it gave no score`;
  const part = share === 1 ? 'all rows' : `${percentText(share, 1)} of the rows`;
  return html`<h3>${name}</h3>
<p class="note">${plural(rows.sampled, 'row')}, ${part}${failed}. <code>${uri}</code>, SHA-256 <code>${sha256}</code></p>
${compared.length === 0 ? html`<p>None of its columns is compared.</p>` : comparisonTable(compared)}
<div class="multiples">${compared.flatMap((column, i) =>
    column.kind === 'numbers' ? [distributions(column, `challenger-${index}-${i}`, columns)] : [],
  )}</div>${compared.flatMap((column) => (column.kind === 'numbers' ? [bandTable(column)] : []))}`;
}

function comparisonTable(columns: readonly ComparedColumn[]): SafeHtml {
  return html`<table><thead><tr><th scope="col">Column</th><th scope="col" class="number wide-only">Rows</th><th scope="col" class="number">Same</th><th scope="col" class="number">Mean diff.</th><th scope="col" class="number wide-only">Largest</th><th scope="col" class="number">Rank corr.</th></tr></thead>
<tbody>${columns.map((column) => {
    const cells =
      column.kind === 'labels'
        ? [percentText(column.equal, column.compared), '–', '–', '–']
        : [
            '–',
            shown(column.meanAbsoluteDifference),
            shown(column.largestDifference),
            shown(column.rankCorrelation),
          ];
    const [same = '', mean = '', largest = '', rank = ''] = cells;
    return html`<tr><th scope="row"><code>${column.column}</code></th><td class="number wide-only">${formatCount(column.compared)}</td><td class="number">${same}</td><td class="number">${mean}</td><td class="number wide-only">${largest}</td><td class="number">${rank}</td></tr>`;
  })}</tbody></table>`;
}

const shown = (value: number | null): string => (value === null ? '–' : formatValue(value));

/** Both distributions over one range. */
function distributions(
  { column, challengerColumn }: ComparedNumbers,
  id: string,
  columns: readonly ReportColumn[],
): SafeHtml {
  const both = [column, challengerColumn].map((name) => columns.find((one) => one.name === name));
  const min = Math.min(...both.map((one) => one?.min ?? Infinity));
  const max = Math.max(...both.map((one) => one?.max ?? -Infinity));
  const bins = both.map((one) =>
    one === undefined || one.points.length === 0
      ? undefined
      : equalWidthBins({ min, max, deciles: one.deciles, points: one.points }, BINS),
  );
  const most = Math.max(...bins.flatMap((own) => (own ?? []).map(({ share }) => share)), 1e-9);
  return html`<figure><figcaption>${column}</figcaption>${bins.map((own, index) => {
    const which = index === 0 ? 'champion' : 'challenger';
    if (own === undefined) return html`<p class="note">${which}: no number is stored</p>`;
    return html`<p class="note">${which}</p>${histogramChart({
      id: `${id}-${which}`,
      description: `Distribution of ${column} of the ${which}.`,
      bars: own.map(({ from, to, share }) => ({ from, to, amount: share })),
      most,
      second: index === 1,
      labels: [formatValue(own[0]?.from ?? 0), formatValue(own.at(-1)?.to ?? 0)],
    })}`;
  })}</figure>`;
}

/** From which band to which rows change: a matrix of many bands would be too wide for a small screen. */
function bandTable({ column, bands, compared }: ComparedNumbers): SafeHtml | string {
  if (bands === undefined) return '';
  const names = bandNames(bands.limits);
  const flips = bands.rows
    .flatMap((row, from) => row.map((rows, to) => ({ from, to, rows })))
    .filter(({ from, to, rows }) => from !== to && rows > 0)
    .toSorted((x, y) => y.rows - x.rows);
  const most = flips[0]?.rows ?? 1;
  return html`<h4>Bands of ${column}: ${percentText(bands.changed, compared)} of the rows change theirs</h4>
${
  flips.length === 0
    ? ''
    : html`<table><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Share</th><th scope="col" class="number">Rows</th></tr></thead>
<tbody>${flips
        .slice(0, MAX_FLIPS)
        .map(
          ({ from, to, rows }) =>
            html`<tr><th scope="row">${names[from] ?? ''}</th><td>${names[to] ?? ''}</td><td class="bars">${cellBar(rows / most)}</td><td class="number">${formatCount(rows)}</td></tr>`,
        )}</tbody></table>`
}`;
}

/** `< 0.2`, `0.2 – 0.5`, `≥ 0.5`. */
function bandNames(limits: readonly number[]): string[] {
  return [...limits, Infinity].map((limit, index) => {
    const lower = limits[index - 1];
    if (lower === undefined) return `< ${formatValue(limit)}`;
    return limit === Infinity
      ? `≥ ${formatValue(lower)}`
      : `${formatValue(lower)} – ${formatValue(limit)}`;
  });
}
