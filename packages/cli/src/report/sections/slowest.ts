import type { RunReport } from '@shardmill/client/report';
import { formatCount, formatDuration, formatRate } from '../../ui/text/format.js';
import { cellBar } from '../charts/bar-chart.js';
import type { Section } from '../html/page.js';
import { html, type SafeHtml } from '../html/safe-html.js';
import { stepShares } from '../step-shares.js';

/** The shards and parts that took the longest. */
export function slowest({ slowestShards, slowestParts }: RunReport): Section {
  const content =
    slowestShards.length + slowestParts.length === 0
      ? html`<p>The records of this run have no times of shards and parts.</p>`
      : html`${slowestShards.length === 0 ? '' : shardTable(slowestShards)}
${slowestParts.length === 0 ? '' : partTable(slowestParts)}`;
  return { id: 'slowest', title: 'Slowest shards and parts', content };
}

function shardTable(shards: RunReport['slowestShards']): SafeHtml {
  const longest = Math.max(...shards.map(({ seconds }) => seconds), 0.001);
  return html`<h3>Shards</h3><table><thead><tr><th scope="col">Shard</th><th scope="colgroup" colspan="2">Time</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Rows/s</th><th scope="col" class="wide-only">Worker</th></tr></thead>
<tbody>${shards.map(
    ({ shard, seconds, rows, rowsPerSecond, worker, failedAttempts }) =>
      html`<tr><th scope="row">${shard}${failedAttempts === 0 ? '' : html` <small class="soft">after ${failedAttempts} failed</small>`}</th><td class="bars">${cellBar(seconds / longest)}</td><td class="number">${formatDuration(seconds * 1000)}</td><td class="number">${formatCount(rows)}</td><td class="number">${formatRate(rowsPerSecond)}</td><td class="wide-only"><code>${worker}</code></td></tr>`,
  )}</tbody></table>
<p class="note">The time of the attempt that finished the shard.</p>`;
}

function partTable(parts: RunReport['slowestParts']): SafeHtml {
  const longest = Math.max(...parts.map(({ seconds }) => seconds), 0.001);
  return html`<h3>Parts</h3><table><thead><tr><th scope="col">Shard / part</th><th scope="colgroup" colspan="2">Time</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Rows/s</th><th scope="col" class="wide-only">Longest step</th></tr></thead>
<tbody>${parts.map(
    ({ shard, part, seconds, rows, rowsPerSecond, steps }) =>
      html`<tr><th scope="row">${shard} / ${part}</th><td class="bars">${cellBar(seconds / longest)}</td><td class="number">${formatDuration(seconds * 1000)}</td><td class="number">${formatCount(rows)}</td><td class="number">${formatRate(rowsPerSecond)}</td><td class="wide-only">${stepShares(steps).parts[0]?.meaning ?? 'not stored'}</td></tr>`,
  )}</tbody></table>
<p class="note">From the moment when a part began to the moment when it was published, waiting for other parts included.</p>`;
}
