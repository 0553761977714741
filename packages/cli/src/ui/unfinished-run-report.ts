import type { Plan, RowCounts } from '@shardmill/core';
import { formatCount, formatPercent, plural } from './format.js';
import { shortPath } from './shorten-paths.js';
import type { Style } from './style.js';
import { type Field, fieldLines } from './text-layout.js';

export interface UnfinishedRun {
  readonly output: string;
  readonly plan: Plan;
  readonly shardsDone: number;
  readonly partsWritten: number;
  /** Of the shards that are done. */
  readonly rows: RowCounts;
}

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
    ['output', shortPath(run.output, cwd)],
  ];
  return [
    `${colors.yellow('…')} ${colors.bold(plan.job.name)}  ${colors.dim(`${plan.runId}  not finished`)}`,
    '',
    ...fieldLines(fields, colors.dim),
    '',
    `  ${colors.dim('go on:')} shardmill run ${plan.job.name}`,
  ].join('\n');
}
