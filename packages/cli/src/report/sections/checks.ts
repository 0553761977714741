import type { RunReport } from '@shardmill/client/report';
import { plural } from '../../ui/text/format.js';
import type { Section } from '../html/page.js';
import { html, type SafeHtml } from '../html/safe-html.js';

/** What the checks of the job came to; undefined where it has none. */
export function checks({ quality }: RunReport): Section | undefined {
  if (quality === undefined) return undefined;
  const { outcomes, accepted } = quality;
  const missed = outcomes.filter(({ passed }) => !passed).length;
  const content = html`<p>${
    missed === 0
      ? html`<span class="state good">All ${plural(outcomes.length, 'check')} passed.</span>`
      : html`<span class="state bad">${missed} of ${plural(outcomes.length, 'check')} did not pass.</span>`
  }</p>${
    accepted === undefined
      ? ''
      : html`<p class="warning">Published in spite of failed checks: accepted by ${accepted.by} at <time datetime="${accepted.at}">${accepted.at}</time>. Reason: ${accepted.reason}</p>`
  }<table><thead><tr><th scope="col">Check</th><th scope="col">Outcome</th><th scope="col">What was found</th></tr></thead>
<tbody>${outcomes.map(row)}</tbody></table>`;
  return { id: 'checks', title: 'Checks', content };
}

function row({ name, severity, passed, message }: Outcome): SafeHtml {
  const [style, word] = passed
    ? ['state good', 'passed']
    : severity === 'fail'
      ? ['state bad', 'failed']
      : ['state bad', 'warning'];
  return html`<tr><th scope="row"><code>${name}</code></th><td><span class="${style}">${word}</span></td><td>${message}</td></tr>`;
}

type Outcome = NonNullable<RunReport['quality']>['outcomes'][number];
