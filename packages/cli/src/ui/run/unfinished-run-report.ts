import { frequentReasons, type QualityOutcome, rejectedKey, shellWord } from '@shardmill/core';
import type { UnfinishedRun } from '@shardmill/client/inspect';
import { formatCount, formatPercent, plural } from '../text/format.js';
import { shortenPaths, shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { type Field, fieldLines, truncate } from '../text/text-layout.js';
import { workTimeText } from '../text/usage-text.js';

const MAX_REASONS = 3;

/** What `inspect` shows of a run that was planned and has no manifest. */
export function unfinishedRunReport(run: UnfinishedRun, style: Style): string {
  const { colors, cwd } = style;
  const { plan, rows } = run;
  const { totals } = plan;
  const fields: Field[] = [
    ['shards', `${formatCount(run.shardsDone)} of ${formatCount(totals.shards)} done`],
    ['parts', `${formatCount(run.partsWritten)} of ${formatCount(totals.parts)} written`],
    [
      'rows',
      `${formatCount(rows.read)} of ${plural(totals.rows, 'row')} in finished shards (${formatPercent(rows.read, totals.rows)})`,
    ],
    ...rejectedField(run, style),
    ...checkField(run, style),
    ...(run.shardsDone > 0 ? [workField(run)] : []),
    ['output', shortPath(run.output, cwd)],
  ];
  const ending = endingLines(run, style);
  return [
    `${colors.yellow('…')} ${colors.bold(plan.job.name)}  ${colors.dim(`${plan.runId}  not finished`)}`,
    '',
    ...fieldLines(fields, colors.dim, style.width),
    '',
    ...ending,
  ].join('\n');
}

/** What keeps the run from being finished, and what to do about it. */
function endingLines(run: UnfinishedRun, { colors, cwd }: Style): string[] {
  const { plan } = run;
  const command = shortenPaths(plan.command ?? `shardmill run ${shellWord(plan.job.name)}`, cwd);
  if (failedChecks(run).length > 0) {
    const output = shellWord(shortPath(run.output, cwd));
    return [
      `  ${colors.yellow('All rows were worked on, and the result is not published: a check failed.')}`,
      `  ${colors.dim('look at it:')} shardmill report ${output} --run ${plan.runId}`,
      `  ${colors.dim('publish it:')} shardmill accept ${output} --reason TEXT`,
    ];
  }
  if (!overBudget(run)) return [`  ${colors.dim('go on:')} ${command}`];
  return [
    `  ${colors.yellow('All rows were worked on, and more were rejected than the job allows.')}`,
    `  ${colors.dim('look at them:')} shardmill inspect ${shellWord(rejectedFolder(run, cwd))}`,
    `  ${colors.dim('accept them:')}  ${command} --max-rejected-rows ${run.rows.rejected}`,
  ];
}

/** Of the shards that are done. */
function workField({ work: { workerSeconds, unfinishedSeconds } }: UnfinishedRun): Field {
  return ['work', workTimeText({ workerSeconds, unfinishedSeconds })];
}

function failedChecks({ outcomes = [] }: UnfinishedRun): readonly QualityOutcome[] {
  return outcomes.filter(({ passed, severity }) => !passed && severity === 'fail');
}

function checkField(run: UnfinishedRun, { colors }: Style): Field[] {
  const lines = failedChecks(run).map(({ name, message }) => colors.red(`${name}: ${message}`));
  return lines.length === 0 ? [] : [['checks', lines.join('\n')]];
}

/** Each shard has its record: what is missing is the manifest, which a budget can forbid. */
function overBudget({ plan, shardsDone, rows }: UnfinishedRun): boolean {
  return shardsDone === plan.totals.shards && rows.rejected > 0;
}

function rejectedField(run: UnfinishedRun, { colors, cwd, width }: Style): Field[] {
  const { rows, rejectedReasons } = run;
  if (rows.rejected === 0) return [];
  const reasons = frequentReasons(rejectedReasons)
    .slice(0, MAX_REASONS)
    .map(([reason, count]) => `${formatCount(count)} × ${truncate(reason, width - 24)}`);
  const place = `${rejectedFolder(run, cwd)}  ${colors.dim('each row with its _reason')}`;
  return [['rejected', [plural(rows.rejected, 'row'), place, ...reasons].join('\n')]];
}

function rejectedFolder({ plan, output }: UnfinishedRun, cwd: string): string {
  const key = rejectedKey(plan.runId, 0, 0);
  return shortPath(`${output}/${key.slice(0, key.lastIndexOf('/'))}`, cwd);
}
