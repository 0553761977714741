import type { RunReport } from '@shardmill/client/report';
import { formatDuration, formatPercent } from '../../ui/text/format.js';
import { cellBar } from '../charts/bar-chart.js';
import type { Section } from '../html/page.js';
import { html } from '../html/safe-html.js';
import { stepShares } from '../step-shares.js';

/** Where the time of the parts went. */
export function timeByStep({ steps }: RunReport): Section {
  const { parts, within } = stepShares(steps);
  const rows = [...parts, ...within];
  const content =
    rows.length === 0
      ? html`<p>No record has times of steps.</p>`
      : html`<table><caption class="note">Seconds of the engines, added up over all parts. Parts overlap, so this is more than the time on the clock.</caption>
<thead><tr><th scope="col">Step</th><th scope="col">Share</th><th scope="col" class="number">Time</th><th scope="col" class="number">%</th></tr></thead>
<tbody>${rows.map(
          ({ name, meaning, seconds, share, inside }) =>
            html`<tr><th scope="row">${inside ? 'of that: ' : ''}${meaning} <code class="soft">${name}</code></th><td class="bars">${cellBar(share)}</td><td class="number">${formatDuration(seconds * 1000)}</td><td class="number">${formatPercent(share, 1)}</td></tr>`,
        )}</tbody></table>`;
  return { id: 'steps', title: 'Time by step', content };
}
