import type { RejectedReason, RunReport } from '@shardmill/client/report';
import { formatCount, plural } from '../../ui/text/format.js';
import { cellBar } from '../charts/bar-chart.js';
import type { Section } from '../html/page.js';
import { html, type SafeHtml } from '../html/safe-html.js';

/** Rows without a score, by their reasons, with some of them. */
export function rejectedRows({ rejected, rows }: RunReport): Section {
  const { reasons, columns, files, examplesMissing } = rejected;
  const content =
    rejected.rows === 0
      ? html`<p>No row was rejected.</p>`
      : html`<p>${plural(rejected.rows, 'row')} of ${formatCount(rows.read)} were rejected. They are kept with their reasons in ${plural(files.length, 'file')}: <code>${folderOf(files[0] ?? '')}</code></p>
${reasonTable(reasons, rejected.rows)}
${examplesMissing === null ? '' : html`<p class="note">There are no examples. ${examplesMissing}</p>`}
${reasons.filter(({ examples }) => examples.length > 0).map((reason) => exampleTable(reason, columns))}`;
  return { id: 'rejected', title: 'Rejected rows', content };
}

function reasonTable(reasons: readonly RejectedReason[], all: number): SafeHtml {
  const named = reasons.reduce((sum, { rows }) => sum + rows, 0);
  const most = Math.max(...reasons.map(({ rows }) => rows), 1);
  return html`<table><thead><tr><th scope="col">Reason</th><th scope="col">Share</th><th scope="col" class="number">Rows</th></tr></thead>
<tbody>${reasons.map(
    ({ reason, rows }) =>
      html`<tr><th scope="row">${reason}</th><td class="bars">${cellBar(rows / most)}</td><td class="number">${formatCount(rows)}</td></tr>`,
  )}</tbody></table>
${named < all ? html`<p class="note">${plural(all - named, 'row')} more have reasons that are less frequent.</p>` : ''}`;
}

/** A row of the table for each column: a job may have many columns, and a page is narrow. */
function exampleTable({ reason, examples }: RejectedReason, columns: readonly string[]): SafeHtml {
  return html`<h3>Rows with “${reason}”</h3>
<table class="values"><thead><tr><th scope="col">Column</th>${examples.map((_, index) => html`<th scope="col">Row ${index + 1}</th>`)}</tr></thead>
<tbody>${columns.map(
    (column, at) =>
      html`<tr><th scope="row"><code>${column}</code></th>${examples.map((values) => html`<td>${valueOf(values[at])}</td>`)}</tr>`,
  )}</tbody></table>`;
}

const valueOf = (value: string | null | undefined): SafeHtml =>
  value === null || value === undefined ? html`<span class="soft">null</span>` : html`${value}`;

const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);
