import type { ReportColumn, RunReport } from '@shardmill/client/report';
import { version } from '@shardmill/client/version';
import { formatCount, formatDuration, formatRate, formatValue } from '../../ui/text/format.js';
import { equalWidthBins } from '../../ui/text/histogram.js';
import { cellBar } from '../charts/bar-chart.js';
import { histogramChart } from '../charts/histogram-chart.js';
import { timeChart } from '../charts/time-chart.js';
import { renderPage, type Section } from '../html/page.js';
import { html, type SafeHtml } from '../html/safe-html.js';
import { curvesOf, MIN_PARTS, shortCount } from '../sections/over-time.js';
import { compareRuns, type ComparedColumn, longest, type RunComparison } from './compare-runs.js';

/** Two runs side by side, as one HTML file that loads nothing. */
export function compareHtml(first: RunReport, second: RunReport): string {
  const comparison = compareRuns(first, second);
  const sections = [
    factsSection(comparison),
    columnsSection(comparison),
    courseSection(first, second),
    stepsSection(comparison),
  ];
  return renderPage({
    title: `${first.runId} and ${second.runId}`,
    header: html`<h1>Two runs of ${namesOf(first, second)}</h1><p><code>${first.runId}</code> and <code>${second.runId}</code></p>`,
    sections,
    footer: html`Made by Shardmill ${version()} of what is stored of both runs.`,
  });
}

const BINS = 24;
const FIRST = html`<svg class="key" aria-hidden="true"><rect class="bar" width="100%" height="100%"/></svg> first`;
const SECOND = html`<svg class="key" aria-hidden="true"><rect class="bar second" width="100%" height="100%"/></svg> second`;

function namesOf(first: RunReport, second: RunReport): string {
  const [a, b] = [first.job.name, second.job.name];
  return a === b ? a : `${a} and ${b}`;
}

function factsSection({ facts }: RunComparison): Section {
  const content = html`<table class="values"><thead><tr><th scope="col">Fact</th><th scope="col">First</th><th scope="col">Second</th></tr></thead>
<tbody>${facts.map(({ name, values: [a, b], same }) =>
    same
      ? html`<tr><th scope="row">${name}</th><td>${shown(a)}</td><td class="soft">the same</td></tr>`
      : html`<tr><th scope="row"><strong>${name}</strong></th><td>${shown(a)}</td><td><strong>${shown(b)}</strong></td></tr>`,
  )}</tbody></table>`;
  return { id: 'facts', title: 'What ran', content };
}

const shown = (text: string): string => (text === '' ? 'not stored' : text);

function columnsSection({ columns }: RunComparison): Section {
  const content =
    columns.length === 0
      ? html`<p>No statistics of numbers that a model computed are stored.</p>`
      : html`<p class="note">Shares of the rows of each run, over the same range and with the same height. ${FIRST}, ${SECOND}</p>
<div class="multiples">${columns.map(columnFigure)}</div>`;
  return { id: 'results', title: 'Results', content };
}

function columnFigure({ name, columns }: ComparedColumn, index: number): SafeHtml {
  const there = columns.flatMap((column) => column ?? []);
  const min = Math.min(...there.map((column) => column.min ?? 0));
  const max = Math.max(...there.map((column) => column.max ?? 0));
  const bins = columns.map((column) =>
    column === undefined || column.points.length === 0
      ? undefined
      : equalWidthBins({ min, max, deciles: column.deciles, points: column.points }, BINS),
  );
  const most = Math.max(...bins.flatMap((own) => (own ?? []).map(({ share }) => share)), 1e-9);
  return html`<figure><figcaption>${name}</figcaption>${columns.map((column, run) => {
    const own = bins[run];
    const facts = column === undefined ? 'not in this run' : factsOf(column);
    const which = run === 0 ? 'first' : 'second';
    return html`<p class="note">${which}: ${facts}</p>${
      own === undefined
        ? ''
        : histogramChart({
            id: `column-${index}-${which}`,
            description: `Distribution of ${name} in the ${which} run: ${facts}.`,
            bars: own.map(({ from, to, share }) => ({ from, to, amount: share })),
            most,
            second: run === 1,
            labels: [formatValue(own[0]?.from ?? 0), formatValue(own.at(-1)?.to ?? 0)],
          })
    }`;
  })}</figure>`;
}

function factsOf({ mean, deciles, nulls, nan }: ReportColumn): string {
  return [
    ...(mean === null ? [] : [`mean ${formatValue(mean)}`]),
    ...(deciles[4] === undefined ? [] : [`median ${formatValue(deciles[4])}`]),
    `${formatCount(nulls)} null`,
    ...(nan === null || nan === 0 ? [] : [`${formatCount(nan)} NaN`]),
  ].join(', ');
}

/** Rows per second of both, each from its own start. */
function courseSection(first: RunReport, second: RunReport): Section {
  const both = [first, second].flatMap(({ throughput }) =>
    throughput !== null && throughput.parts >= MIN_PARTS ? [throughput] : [],
  );
  if (both.length < 2) {
    const content = html`<p>Both runs need at least ${MIN_PARTS} parts with times for a curve.</p>`;
    return { id: 'over-time', title: 'Rows over time', content };
  }
  const totalMs = Math.max(...both.map(({ from, to }) => Date.parse(to) - Date.parse(from)));
  const rates = both.map((throughput) => curvesOf(throughput).rates);
  const means = both.map(({ from, to, rows }) =>
    formatRate(rows / (Math.max(Date.parse(to) - Date.parse(from), 1) / 1000)),
  );
  const text = `${means[0]} in the mean of the first run, ${means[1]} of the second`;
  const content = html`<figure><figcaption>Rows per second <small>${text}; each from its own start. ${FIRST}, ${SECOND} (broken line)</small></figcaption>
${timeChart({
  id: 'chart-rate',
  description: `Rows per second over ${formatDuration(totalMs)}: ${text}.`,
  totalMs,
  steps: true,
  series: rates,
  format: shortCount,
})}</figure>`;
  return { id: 'over-time', title: 'Rows over time', content };
}

function stepsSection({ steps }: RunComparison): Section {
  const most = Math.max(...steps.map(longest), 0.001);
  const content =
    steps.length === 0
      ? html`<p>No record has times of steps.</p>`
      : html`<table><thead><tr><th scope="col">Step</th><th scope="col">Share</th><th scope="col" class="number">First</th><th scope="col" class="number">Second</th></tr></thead>
<tbody>${steps.map(
          ({ name, seconds: [a, b] }) =>
            html`<tr><th scope="row"><code>${name}</code></th><td class="bars">${cellBar((a ?? 0) / most)}${cellBar((b ?? 0) / most, 'bar second')}</td><td class="number">${timeOf(a)}</td><td class="number">${timeOf(b)}</td></tr>`,
        )}</tbody></table>`;
  return { id: 'steps', title: 'Time by step', content };
}

const timeOf = (seconds: number | null): string =>
  seconds === null ? '–' : formatDuration(seconds * 1000);
