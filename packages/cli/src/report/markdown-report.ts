import type { RunReport } from '@shardmill/client/report';
import { challengerLines } from '../ui/run/challenger-lines.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatValue,
} from '../ui/text/format.js';
import { driftedFirst, hasDrifted, METRIC_NAMES, metricText, verdictOf } from './drift-text.js';
import {
  markdownCode as code,
  markdownTable as table,
  markdownText as text,
} from './markdown-text.js';
import { joinedText } from '../ui/evaluation/joined-text.js';
import { measureTable } from '../ui/evaluation/measure-table.js';
import { releaseText } from '../ui/model/release-text.js';
import { scoringMs } from './scoring-time.js';
import { stepShares } from './step-shares.js';

const MAX_EVALUATIONS = 3;

/** A report as Markdown: for a ticket, a chat, or a summary of a pipeline's job. No charts. */
export function markdownReport(report: RunReport): string {
  return [
    `# ${text(report.job.name)}`,
    `Run ${code(report.runId)}: ${text(report.state)}${report.finishedAt === null ? '' : `, ${report.finishedAt}`}.`,
    ...(report.error === null ? [] : [`**${report.error.code}**: ${text(report.error.message)}`]),
    ...report.checks.map(
      ({ check, column, rows }) =>
        `**Warning**: column ${code(column)} is ${check === 'all-null' ? 'null' : 'no number (null or NaN)'} in every row, of ${formatCount(rows)}.`,
    ),
    numbers(report),
    whatRan(report),
    checks(report),
    columns(report),
    drift(report),
    ...(report.evaluations ?? []).slice(0, MAX_EVALUATIONS).map(evaluated),
    challengers(report),
    rejected(report),
    steps(report),
    slowest(report),
    story(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function numbers(report: RunReport): string {
  const { rows, done } = report;
  const ms = scoringMs(report);
  return table(
    ['Rows read', 'Scored', 'Rejected', 'Filtered', 'Parts', 'Size', 'Scoring took', 'Rows/s'],
    [
      [
        formatCount(rows.read),
        formatCount(rows.scored),
        formatCount(rows.rejected),
        formatCount(rows.filtered),
        formatCount(done.parts),
        formatBytes(done.bytes),
        ms === undefined ? 'not stored' : formatDuration(ms),
        ms === undefined || report.throughput === null
          ? 'not stored'
          : formatRate(report.throughput.rows / (Math.max(ms, 1) / 1000)),
      ],
    ],
    0,
  );
}

function whatRan(report: RunReport): string {
  const { model, submission, job } = report;
  const facts: [string, string][] = [
    ...Object.entries(job.params).map(([name, value]): [string, string] => [
      `Parameter ${text(name)}`,
      text(value),
    ]),
    ...releaseFact(model),
    ['Model', code(model.uri)],
    ['Model SHA-256', code(model.sha256)],
    ['Plan digest', code(report.planDigest)],
    ...report.inputs.slice(0, 20).map((uri): [string, string] => ['Input', code(uri)]),
    ['Output', code(report.output)],
    ...(submission === null
      ? []
      : [
          ['Submitted', text(`${submission.submittedAt} by ${submission.submittedBy}`)] satisfies [
            string,
            string,
          ],
        ]),
    ['Planned', report.plannedAt],
    ...Object.entries(report.versions).map(([name, value]): [string, string] => [
      text(name),
      text(value),
    ]),
  ];
  return section('What ran', table(['', ''], facts));
}

function releaseFact({ name, version, alias }: RunReport['model']): [string, string][] {
  if (name === undefined || version === undefined) return [];
  return [['Model version', text(releaseText({ name, version, alias }))]];
}

/** The measures that are one number, of all columns. */
function evaluated(evaluation: NonNullable<RunReport['evaluations']>[number]): string {
  const { head, rows } = measureTable(evaluation);
  const { labels, evaluatedAt } = evaluation;
  const cells = rows.map(([name = '', ...values]) => [code(name), ...values]);
  return section(
    `Scores against ${text(labels.column)}`,
    `Labels from ${code(labels.uri)}, evaluated ${evaluatedAt}: ${joinedText(evaluation)}.\n\n${table(head, cells, 1)}`,
  );
}

function checks({ quality }: RunReport): string {
  if (quality === undefined) return '';
  const { outcomes, accepted } = quality;
  const rows = outcomes.map(({ name, severity, passed, message }) => [
    code(name),
    passed ? 'passed' : severity === 'fail' ? '**failed**' : '**warning**',
    text(message),
  ]);
  const note =
    accepted === undefined
      ? ''
      : `Accepted by ${text(accepted.by)} at ${accepted.at}: ${text(accepted.reason)}\n\n`;
  return section('Checks', `${note}${table(['Check', 'Outcome', 'Found'], rows)}`);
}

function columns({ columns: all }: RunReport): string {
  const shown = all.filter(({ computed }) => computed);
  if (shown.length === 0) return '';
  const value = (number: number | null | undefined): string =>
    number === null || number === undefined ? '–' : formatValue(number);
  const rows = shown.map(({ name, nulls, nan, min, mean, deciles, max }) => [
    code(name),
    formatCount(nulls),
    nan === null ? '–' : formatCount(nan),
    value(min),
    value(deciles[4]),
    value(mean),
    value(max),
  ]);
  return section('Results', table(['Column', 'Null', 'NaN', 'Min', 'Median', 'Mean', 'Max'], rows));
}

function drift({ drift: found }: RunReport): string {
  if (found === null) return '';
  if (found.baseline === null) return section('Drift', 'There was no earlier run to compare with.');
  const rows = driftedFirst(found.columns).map((column) => [
    code(column.name),
    text(column.of),
    ...METRIC_NAMES.map(({ metric }) => metricText(column, metric)),
    hasDrifted(column) ? `**${text(verdictOf(column))}**` : text(verdictOf(column)),
  ]);
  const heads = ['Column', 'Of', ...METRIC_NAMES.map(({ name }) => name), 'Drift'];
  return section('Drift', `Against ${code(found.baseline.uri)}.\n\n${table(heads, rows)}`);
}

function challengers({ challengers: all }: RunReport): string {
  if (all.length === 0) return '';
  const lines = challengerLines(all).map((line) => `- ${text(line)}`);
  return section('Champion and challengers', lines.join('\n'));
}

function rejected({ rejected: { rows, reasons, files } }: RunReport): string {
  if (rows === 0) return '';
  const place = files[0] === undefined ? '' : `\n\nThey are kept with ${code(files[0])}.`;
  const list = reasons.map(({ reason, rows: count }) => [text(reason), formatCount(count)]);
  return section('Rejected rows', `${table(['Reason', 'Rows'], list)}${place}`);
}

function steps({ steps: seconds }: RunReport): string {
  const { parts, within } = stepShares(seconds);
  const rows = [...parts, ...within].map((step) => [
    `${step.inside ? 'of that: ' : ''}${step.meaning}`,
    formatDuration(step.seconds * 1000),
    formatPercent(step.share, 1),
  ]);
  return rows.length === 0 ? '' : section('Time by step', table(['Step', 'Time', '%'], rows, 1));
}

function slowest({ slowestShards }: RunReport): string {
  if (slowestShards.length === 0) return '';
  const rows = slowestShards.map(({ shard, seconds, rows: count, rowsPerSecond, worker }) => [
    String(shard),
    formatDuration(seconds * 1000),
    formatCount(count),
    formatRate(rowsPerSecond),
    code(worker),
  ]);
  return section('Slowest shards', table(['Shard', 'Time', 'Rows', 'Rows/s', 'Worker'], rows));
}

function story({ retried, resumed, events }: RunReport): string {
  const lines = [
    ...(resumed.parts === 0
      ? []
      : [
          `- ${formatCount(resumed.parts)} parts with ${formatCount(resumed.rows)} rows had been made by an attempt that was interrupted or failed.`,
        ]),
    ...retried.list.flatMap(({ shard, outcome, attempts }) => [
      `- Shard ${shard}: ${outcome === 'done' ? 'done' : 'failed for good'} after ${attempts.length} failed attempts`,
      ...attempts.map(
        ({ startedAt, worker, error }) =>
          `  - ${startedAt}, ${code(worker)}: ${error.code}: ${text(error.message)}`,
      ),
    ]),
    ...events.map(
      ({ at, what, detail }) =>
        `- ${at} ${text(what)}${detail === null ? '' : `: ${text(detail)}`}`,
    ),
  ];
  return lines.length === 0 ? '' : section('Retries and interruptions', lines.join('\n'));
}

const section = (title: string, content: string): string => `## ${title}\n\n${content}`;
