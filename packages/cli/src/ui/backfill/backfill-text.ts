import type { SeenBackfill, ShownBackfill, ShownDate } from '@shardmill/client/backfill';
import { formatCount, formatDuration, plural } from '../text/format.js';
import { spanText } from '../schedule/time-text.js';
import type { Colors, Style } from '../text/style.js';
import { type Field, fieldLines, table, truncate } from '../text/text-layout.js';
import { dateText, middleCut } from './date-text.js';

type Phase = SeenBackfill['backfill']['phase'];

function phaseText(phase: Phase, colors: Colors): string {
  switch (phase) {
    case 'running':
      return colors.cyan('● running');
    case 'cancelling':
      return colors.yellow('… cancelling');
    case 'finished':
      return colors.green('✓ finished');
    case 'failed':
      return colors.red('✗ failed');
    case 'cancelled':
      return colors.dim('– cancelled');
    default: {
      const unknown: never = phase;
      return unknown;
    }
  }
}

function dateStateText(state: ShownDate['state'], colors: Colors): string {
  switch (state) {
    case 'open':
      return colors.dim('… to do');
    case 'finished':
      return colors.green('✓ finished');
    case 'failed':
      return colors.red('✗ failed');
    case 'cancelled':
    case 'skipped':
      return colors.dim(`– ${state}`);
    default: {
      const unknown: never = state;
      return unknown;
    }
  }
}

/** `12 of 30 dates finished, 1 failed` */
export function progressText({ backfill, counts }: SeenBackfill): string {
  const { finished, failed, cancelled, skipped } = counts;
  return [
    `${formatCount(finished)} of ${plural(backfill.request.dates.length, 'date')} finished`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(cancelled > 0 ? [`${formatCount(cancelled)} cancelled`] : []),
    ...(skipped > 0 ? [`${formatCount(skipped)} skipped`] : []),
  ].join(', ');
}

/** What `backfill list` prints. */
export function backfillsTable(
  backfills: readonly SeenBackfill[],
  more: boolean,
  now: number,
  { colors, width }: Style,
): string {
  if (backfills.length === 0) {
    return `no backfills  ${colors.dim('begin one with: shardmill backfill JOB --from D --to D')}`;
  }
  const room = Math.max(8, width - 77);
  const heads = ['backfill', 'job', 'state', 'done', 'failed', 'begun'];
  const rows = backfills.map(({ backfill: { request, phase }, counts }) => [
    request.id,
    truncate(request.job.name, room),
    phaseText(phase, colors),
    `${formatCount(counts.finished)} of ${formatCount(request.dates.length)}`,
    counts.failed > 0 ? colors.red(formatCount(counts.failed)) : '',
    `${spanText(Math.max(0, now - Date.parse(request.submittedAt)))} ago`,
  ]);
  // `show` has the rest.
  const columns = width < WIDE ? [0, 2, 3] : [0, 1, 2, 3, 4, 5];
  const picked = [heads.map((head) => colors.dim(head)), ...rows].map((row) =>
    columns.map((i) => row[i] ?? ''),
  );
  return [
    ...table(picked, [], 0),
    ...(more ? ['', colors.dim('and earlier ones: shardmill backfill list --all')] : []),
  ].join('\n');
}

/** Dates that are shown; of more, the first and the last half of these. */
const MAX_SHOWN = 200;
/** On a narrower terminal, rows and times are left out. */
const WIDE = 80;

/** What `backfill show` prints. */
export function backfillReport(shown: ShownBackfill, { colors, width }: Style): string {
  const { backfill, dates } = shown;
  const { request, phase, endedAt } = backfill;
  const { range, maxActive, place, job } = request;
  const show = dateText(
    dates.map(({ ts }) => ts),
    job.schedule?.timezone ?? 'UTC',
  );
  const wide = width >= WIDE;
  const ended = endedAt === null ? '' : `  ${colors.dim(endedAt)}`;
  const fields: Field[] = [
    ['state', `${phaseText(phase, colors)}${ended}`],
    ['dates', progressText(shown)],
    ['job', job.name],
    ['range', `${range.from} to ${range.to}, ${range.every}, ${range.reprocess}`],
    ['at once', `${maxActive}${place === 'local' ? ', on one machine' : ''}`],
    ['begun', `${request.submittedAt} by ${request.submittedBy}`],
  ];
  const rows = dates.map(({ ts, state, outcome }) => [
    show(ts),
    dateStateText(state, colors),
    ...(wide
      ? [
          outcome?.rows == null ? '' : plural(outcome.rows.read, 'row'),
          outcome?.seconds == null ? '' : formatDuration(outcome.seconds * 1000),
        ]
      : []),
    truncate(outcome?.error?.code ?? outcome?.run ?? '', Math.max(12, width - (wide ? 64 : 38))),
  ]);
  const lines = table(rows, wide ? ['left', 'left', 'right', 'right'] : [], 0);
  return [
    `backfill ${colors.bold(request.id)}`,
    '',
    ...fieldLines(fields, colors.dim, width),
    '',
    ...middleCut(
      lines,
      MAX_SHOWN,
      (line) => line,
      (count) => `  … ${formatCount(count)} more: --json has all of them`,
    ),
  ].join('\n');
}
