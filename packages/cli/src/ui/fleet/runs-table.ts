import type { ListedRun } from '@shardmill/client/fleet';
import { formatCount, formatDuration, formatPercent } from '../text/format.js';
import { stateText } from './run-state.js';
import type { Style } from '../text/style.js';
import { table, truncate } from '../text/text-layout.js';

/** What `runs` prints. @param more runs that are not listed. */
export function runsTable(
  runs: readonly ListedRun[],
  more: boolean,
  now: number,
  { colors, width }: Style,
): string {
  if (runs.length === 0) {
    return `no runs  ${colors.dim('submit one with: shardmill submit JOB')}`;
  }
  const heads = ['run', 'job', 'state', 'rows', 'took'];
  // What the other columns take, so that a long name of a job does not break the lines.
  const jobRoom = Math.max(8, width - 66);
  const rows = runs.map((run) => [
    run.run,
    truncate(run.job, jobRoom),
    stateText(run.state, colors),
    rowsText(run),
    formatDuration(Math.max(0, endOf(run, now) - Date.parse(run.submittedAt))),
  ]);
  return [
    ...table(
      [heads.map((head) => colors.dim(head)), ...rows],
      ['left', 'left', 'left', 'right', 'right'],
      0,
    ),
    ...(more ? ['', colors.dim('and earlier ones: shardmill runs --all')] : []),
  ].join('\n');
}

const endOf = ({ endedAt }: ListedRun, now: number): number =>
  endedAt === null ? now : Date.parse(endedAt);

function rowsText({ state, rowsDone, rowsPlanned, inputWait }: ListedRun): string {
  if (inputWait !== null) return truncate(`for ${inputWait.conditions.join(', ')}`, 24);
  if (rowsDone === null) return '';
  if (state === 'finished' || rowsPlanned === null) return formatCount(rowsDone);
  return formatPercent(rowsDone, rowsPlanned);
}
