import { formatShare } from '@shardmill/core';
import type { RunReport } from '@shardmill/client/report';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  plural,
} from '../../ui/text/format.js';
import { html, type SafeHtml } from '../html/safe-html.js';
import { scoringMs } from '../scoring-time.js';

/** The head of a report: which run it is, how it stands, and its numbers. */
export function summaryHeader(report: RunReport): SafeHtml {
  const { job, runId } = report;
  return html`<h1>${job.name}</h1>
<p>${stateOf(report)} <span class="soft">Run ${runId}</span></p>
${report.error === null ? '' : html`<p class="warning">${report.error.code}: ${report.error.message}</p>`}
${report.checks.map(
  ({ check, column, rows }) =>
    html`<p class="warning">Column “${column}” is ${check === 'all-null' ? 'null' : 'no number (null or NaN)'} in every row, of ${formatCount(rows)}.</p>`,
)}
<dl class="tiles">${tilesOf(report).map(
    ({ name, value, more }) =>
      html`<div><dt>${name}</dt><dd>${value}${more === undefined ? '' : html`<small>${more}</small>`}</dd></div>`,
  )}</dl>`;
}

function stateOf({ state, finishedAt }: RunReport): SafeHtml {
  if (state === 'finished') {
    return html`<span class="state good">Finished</span> ${finishedAt ?? ''}.`;
  }
  const bad = ['failed', 'cancelled', 'skipped'].includes(state);
  const text =
    state === 'unfinished' ? 'Not finished' : `${state.charAt(0).toUpperCase()}${state.slice(1)}`;
  return html`<span class="${bad ? 'state bad' : 'state'}">${text}</span>.`;
}

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly more?: string | undefined;
}

function tilesOf(report: RunReport): Tile[] {
  const { rows, done, planned } = report;
  const { read, scored, rejected, filtered } = rows;
  const ms = scoringMs(report);
  const share = (part: number): string | undefined =>
    read === 0 || part === 0 ? undefined : `${formatShare(part, read)} of all`;
  const truncated = rows.truncated ?? 0;
  return [
    {
      name: 'Rows read',
      value: formatCount(read),
      more: planned === null ? undefined : `in ${plural(planned.files, 'file')}`,
    },
    {
      name: 'Scored',
      value: formatCount(scored),
      more: truncated === 0 ? undefined : `${formatCount(truncated)} with a text that was cut`,
    },
    { name: 'Rejected', value: formatCount(rejected), more: share(rejected) },
    { name: 'Filtered', value: formatCount(filtered), more: share(filtered) },
    ...(ms === undefined || report.throughput === null
      ? []
      : [
          {
            name: 'Scoring took',
            value: formatDuration(ms),
            more: `${formatRate(report.throughput.rows / (Math.max(ms, 1) / 1000))} rows/s`,
          },
        ]),
    {
      name: 'Parts',
      value:
        planned === null || planned.parts === done.parts
          ? formatCount(done.parts)
          : `${formatCount(done.parts)} of ${formatCount(planned.parts)}`,
      more: formatBytes(done.bytes),
    },
  ];
}
