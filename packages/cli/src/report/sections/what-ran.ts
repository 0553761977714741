import type { RunReport } from '@shardmill/client/report';
import { formatCost } from '@shardmill/core';
import { formatBytes, formatCount, plural } from '../../ui/text/format.js';
import { releaseText } from '../../ui/model/release-text.js';
import { workTimeText } from '../../ui/text/usage-text.js';
import type { Section } from '../html/page.js';
import { html, type HtmlValue, type SafeHtml } from '../html/safe-html.js';

const MAX_INPUTS = 20;

/** Job, model, plan, versions: what decided the result, and when it was made. */
export function whatRan(report: RunReport): Section {
  const content = html`<dl class="facts">${factsOf(report).map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`,
  )}</dl>
${
  report.notices.length === 0
    ? ''
    : html`<h3>Notices of the plan</h3><ul>${report.notices.map((text) => html`<li>${text}</li>`)}</ul>`
}`;
  return { id: 'what-ran', title: 'What ran', content };
}

function factsOf(report: RunReport): [name: string, value: HtmlValue][] {
  const { job, model, submission, planned, inputs, versions, finishedAt } = report;
  const params = Object.entries(job.params);
  return [
    ['Job', job.name],
    ...(params.length > 0
      ? [fact('Parameters', lines(params.map(([k, v]) => `${k} = ${v}`)))]
      : []),
    ['Run', code(report.runId)],
    ...(submission === null ? [] : submissionFacts(submission, report.runId)),
    ...releaseFacts(model),
    [
      'Model',
      html`${code(model.uri)}${model.bytes === null ? '' : ` ${formatBytes(model.bytes)}`}`,
    ],
    ['Model SHA-256', code(model.sha256)],
    ['Plan digest', code(report.planDigest)],
    ...(planned === null ? [] : [fact('Plan', planText(planned))]),
    ...(inputs.length > 0 ? [fact('Input', inputLines(inputs))] : []),
    ['Output', html`${code(report.output)}${report.mode === null ? '' : ` (${report.mode})`}`],
    ...(report.rejectedBudget === null
      ? []
      : [fact('Allowed rejected rows', String(report.rejectedBudget))]),
    ...(report.usage === null ? [] : [fact('Work', workText(report.usage))]),
    ['Planned', report.plannedAt],
    ...(finishedAt === null ? [] : [fact('Finished', finishedAt)]),
    ...(Object.keys(versions).length > 0
      ? [fact('Versions', lines(Object.entries(versions).map(([k, v]) => `${k} ${v}`)))]
      : []),
  ];
}

const fact = (name: string, value: HtmlValue): [string, HtmlValue] => [name, value];
const code = (text: string): SafeHtml => html`<code>${text}</code>`;
const lines = (all: readonly string[]): SafeHtml =>
  html`${all.map((text, index) => html`${index > 0 ? html`<br>` : ''}${text}`)}`;

/** Of a model of the registry. */
function releaseFacts({ name, version, alias }: RunReport['model']): [string, HtmlValue][] {
  if (name === undefined || version === undefined) return [];
  return [fact('Model version', releaseText({ name, version, alias }))];
}

function submissionFacts(
  { run, submittedAt, submittedBy, key, schedule }: NonNullable<RunReport['submission']>,
  runId: string,
): [string, HtmlValue][] {
  return [
    ...(run === runId ? [] : [fact('Submitted as', code(run))]),
    ['Submitted', `${submittedAt} by ${submittedBy}`],
    ...(key === null ? [] : [fact('Run key', key)]),
    ...(schedule === null ? [] : [fact('Schedule', schedule)]),
  ];
}

function planText({
  files,
  rows,
  prunedRows,
  shards,
  parts,
}: NonNullable<RunReport['planned']>): string {
  const pruned =
    prunedRows === 0
      ? ''
      : `; ${formatCount(prunedRows)} rows more were ruled out without being read`;
  return `${plural(rows, 'row')} of ${plural(files, 'file')}, in ${plural(shards, 'shard')} and ${plural(parts, 'part')}${pruned}`;
}

function inputLines(inputs: readonly string[]): SafeHtml {
  const more = inputs.length - MAX_INPUTS;
  return html`${inputs.slice(0, MAX_INPUTS).map((uri, index) => html`${index > 0 ? html`<br>` : ''}${code(uri)}`)}${more > 0 ? html`<br>and ${formatCount(more)} more` : ''}`;
}

function workText(usage: NonNullable<RunReport['usage']>): string {
  const { cost, pricePerWorkerHour } = usage;
  const time = workTimeText(usage);
  return cost === undefined
    ? time
    : `${time}; it cost ${formatCost(cost)} at ${pricePerWorkerHour} an hour`;
}
