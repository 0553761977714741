import type { ReportDrift, RunReport } from '@shardmill/client/report';
import { formatValue, plural } from '../../ui/text/format.js';
import { cellBar } from '../charts/bar-chart.js';
import { pairChart } from '../charts/pair-chart.js';
import { driftedFirst, hasDrifted, METRIC_NAMES, metricText, verdictOf } from '../drift-text.js';
import type { Section } from '../html/page.js';
import { html, type SafeHtml } from '../html/safe-html.js';

type Column = ReportDrift['columns'][number];
type Bin = Column['bins'][number];

/** Columns beyond these are in the document of the run. */
const MAX_SHOWN = 60;
/** Texts that are listed of a column. */
const MAX_TEXTS = 6;

/** How features and outputs differ from the baseline; undefined for a job without one. */
export function drift({ drift: found }: RunReport): Section | undefined {
  if (found === null) return undefined;
  return { id: 'drift', title: 'Drift', content: contentOf(found) };
}

function contentOf({ baseline, columns }: ReportDrift): SafeHtml {
  if (baseline === null) {
    return html`<p>There was no earlier run with a profile to compare with.</p>`;
  }
  const drifted = columns.filter(hasDrifted).length;
  const shown = driftedFirst(columns).slice(0, MAX_SHOWN);
  const more = columns.length - shown.length;
  return html`<p>${drifted === 0 ? 'No drift' : html`<span class="state bad">${plural(drifted, 'column')} with drift</span>`} among ${plural(columns.length, 'column')}, against <code>${baseline.uri}</code>${
    baseline.runId === null ? '' : html` of run ${baseline.runId}`
  }.</p>
<table><thead><tr><th scope="col">Column</th>${METRIC_NAMES.map(
    ({ name, wideOnly }) =>
      html`<th scope="col" class="${wideOnly ? 'number wide-only' : 'number'}">${name}</th>`,
  )}<th scope="col">Drift</th></tr></thead>
<tbody>${shown.map(rowOf)}</tbody></table>
<h3>Baseline and run</h3>
<p class="note">Shares of the rows by bins of the baseline, drawn with one width; a bar at the right end has what is new or missing. ${KEY_BASELINE}, ${KEY_RUN}</p>
<div class="multiples">${shown
    .filter(({ bins }) => bins.length > 0)
    .map((column, index) => multiple(column, `drift-${index}`))}</div>
${more > 0 ? html`<p class="note">${plural(more, 'column')} more are in drift.json of the run.</p>` : ''}`;
}

const KEY_BASELINE = html`<svg class="key" aria-hidden="true"><rect class="bar second" width="100%" height="100%"/></svg> baseline`;
const KEY_RUN = html`<svg class="key" aria-hidden="true"><rect class="bar" width="100%" height="100%"/></svg> this run`;

function rowOf(column: Column): SafeHtml {
  const verdict = verdictOf(column);
  const cell = hasDrifted(column) ? html`<span class="state bad">${verdict}</span>` : verdict;
  return html`<tr><th scope="row"><code>${column.name}</code> <small class="soft">${column.of}</small></th>${METRIC_NAMES.map(
    ({ metric, wideOnly }) =>
      html`<td class="${wideOnly ? 'number wide-only' : 'number'}">${metricText(column, metric)}</td>`,
  )}<td>${cell}</td></tr>`;
}

function multiple(column: Column, id: string): SafeHtml {
  const { name, of, type, bins } = column;
  const facts = verdictOf(column);
  const drawing = bins.some(({ kind }) => kind === 'range')
    ? numbers(column, id, facts)
    : texts(column);
  return html`<figure><figcaption>${name} <small>${of}, ${type}; ${facts}</small></figcaption>${drawing}</figure>`;
}

function numbers(column: Column, id: string, facts: string): SafeHtml {
  const ranges = column.bins.flatMap((bin) => (bin.kind === 'range' ? [bin] : []));
  const [least, greatest] = [ranges[0]?.from ?? 0, ranges.at(-1)?.to ?? 0];
  const rest = column.bins.filter((bin) => bin.kind !== 'range' && bin.baseline + bin.current > 0);
  return html`${pairChart({
    id,
    description: `${column.name} in the baseline and in this run, from ${formatValue(least)} to ${formatValue(greatest)}: ${facts}.`,
    pairs: [...ranges, ...rest].map((bin) => ({
      first: shareOf(bin.baseline, column.baseline),
      second: shareOf(bin.current, column.current),
    })),
    labels: [formatValue(least), formatValue(greatest)],
  })}${rest.map((bin) => html`<p class="note">${changeOf(bin, column)}</p>`)}`;
}

function texts(column: Column): SafeHtml {
  const most = Math.max(
    ...column.bins.flatMap((bin) => [
      shareOf(bin.baseline, column.baseline),
      shareOf(bin.current, column.current),
    ]),
    1e-9,
  );
  const named = column.bins.filter(({ kind }) => kind === 'text').slice(0, MAX_TEXTS);
  const rest = column.bins.filter((bin) => bin.kind !== 'text' && bin.baseline + bin.current > 0);
  return html`<ul class="tops">${[...named, ...rest].map(
    (bin) =>
      html`<li>${changeOf(bin, column)}${cellBar(shareOf(bin.baseline, column.baseline) / most, 'bar second')}${cellBar(shareOf(bin.current, column.current) / most)}</li>`,
  )}</ul>`;
}

function changeOf(bin: Bin, column: Column): SafeHtml {
  const before = percentText(shareOf(bin.baseline, column.baseline));
  const now = percentText(shareOf(bin.current, column.current));
  return html`<span><span>${nameOf(bin)}</span><span>${before} → ${now}</span></span>`;
}

function nameOf(bin: Bin): string {
  switch (bin.kind) {
    case 'text':
      return bin.text === '' ? '(empty)' : bin.text;
    case 'others':
      return 'other texts of the baseline';
    case 'beyond':
      return 'not in the baseline';
    case 'missing':
      return 'missing';
    case 'range':
      return `${formatValue(bin.from)} – ${formatValue(bin.to)}`;
    default: {
      const unknown: never = bin;
      return unknown;
    }
  }
}

const percentText = (share: number): string => `${(100 * share).toFixed(1)}%`;

const shareOf = (rows: number, all: number): number => (all === 0 ? 0 : rows / all);
