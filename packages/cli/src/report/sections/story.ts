import type { RetriedShard, RunReport } from '@shardmill/client/report';
import { formatCount, formatDuration, plural } from '../../ui/text/format.js';
import type { Section } from '../html/page.js';
import { html, type SafeHtml } from '../html/safe-html.js';

/** What did not go at the first try, and what became of it. */
export function story(report: RunReport): Section {
  const { retried, resumed, events } = report;
  const quiet = retried.shards === 0 && resumed.parts === 0;
  const content = html`${
    quiet ? html`<p>No failed attempt and no interruption is recorded.</p>` : ''
  }${
    resumed.parts === 0
      ? ''
      : html`<p>${plural(resumed.parts, 'part')} with ${plural(resumed.rows, 'row')} had been made by an attempt that was interrupted or failed; the attempt that finished the shard took them over.</p>`
  }${retried.shards === 0 ? '' : retriedList(retried)}${events.length === 0 ? '' : eventList(events)}
<p class="note">Attempts are recorded that ended with an error. One that was handed back, for an interruption of its machine, leaves nothing but the parts that it had made.</p>`;
  return { id: 'story', title: 'Retries and interruptions', content };
}

function retriedList({ shards, list }: RunReport['retried']): SafeHtml {
  const more = shards - list.length;
  return html`<h3>${plural(shards, 'shard')} with failed attempts</h3>
<ul class="list">${list.map(retriedShard)}</ul>
${more > 0 ? html`<p class="note">And ${formatCount(more)} more.</p>` : ''}`;
}

function retriedShard({ shard, outcome, round, attempts }: RetriedShard): SafeHtml {
  const end =
    outcome === 'done'
      ? html`<span class="state good">done</span> after ${plural(attempts.length, 'failed attempt')}`
      : html`<span class="state bad">failed for good</span> after ${plural(attempts.length, 'attempt')}${round === null || round === 0 ? '' : `, in round ${round}`}`;
  return html`<li><p>Shard ${shard}: ${end}</p><ol>${attempts.map(
    ({ worker, startedAt, endedAt, error }) =>
      html`<li><p>${error.code}: ${error.message}</p><p class="soft">${startedAt}, for ${formatDuration(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)))}, on <code>${worker}</code>${error.where === undefined ? '' : html`, at ${error.where}`}</p></li>`,
  )}</ol></li>`;
}

function eventList(events: RunReport['events']): SafeHtml {
  return html`<h3>Log of the run</h3>
<ol class="list">${events.map(
    ({ at, what, detail }) =>
      html`<li><p><time datetime="${at}">${at}</time> ${what}${detail === null ? '' : html` <span class="soft">${detail}</span>`}</p></li>`,
  )}</ol>`;
}
