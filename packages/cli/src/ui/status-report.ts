import { type ShardFailure, shellWord } from '@shardmill/core';
import { claimedRate, type RegisteredRun, type RunLook, standstill } from '@shardmill/client/fleet';
import { formatCount, formatDuration, formatPercent, formatRate, plural } from './format.js';
import { renderErrorRecord } from './error-report.js';
import { failedShardLines } from './failed-shards.js';
import { isEnd, stateSign, tookMs } from './run-state.js';
import { shardCountsText } from './shard-counts.js';
import { shortPath } from './shorten-paths.js';
import type { Style } from './style.js';
import { type Field, fieldLines, optionalField, wrapText } from './text-layout.js';

export interface RunStatus {
  readonly look: RunLook;
  readonly request: Pick<RegisteredRun['request'], 'submittedBy' | 'key'>;
  /** Of shards that failed for good; the first few. */
  readonly failures: readonly ShardFailure[];
  /** Where all failures are. */
  readonly failuresAt: string | undefined;
}

/** What `status` prints: how far a run is, what it waits for, and what to do next. */
export function statusReport(status: RunStatus, now: number, style: Style): string {
  const { colors, cwd } = style;
  const { view } = status.look;
  const planned = view.rowsPlanned > 0 || view.shards.planned > 0;
  const fields: Field[] = [
    ['rows', planned ? rowsText(status.look) : 'not planned yet'],
    ...(planned ? [['shards', shardCountsText(view.shards, colors)] as const] : []),
    ...optionalField('speed', speedText(status.look)),
    ...optionalField('retries', view.retries > 0 ? formatCount(view.retries) : ''),
    ['submitted', submittedText(status, now)],
    ...optionalField('took', view.endedAt === null ? '' : formatDuration(tookMs(view, now))),
    ['output', shortPath(view.output, cwd)],
    ...optionalField('key', status.request.key),
    ['seen', seenText(status.look, now)],
  ];
  const waits = standstill(status.look);
  return [
    `${stateSign(view.state, colors)} ${colors.bold(view.job)} ${view.state}  ${colors.dim(view.run)}`,
    '',
    ...fieldLines(fields, colors.dim, style.width),
    ...(waits === undefined
      ? []
      : ['', `  ${colors.yellow(`waiting: ${wrapText(waits, style.width, 11, 11)}`)}`]),
    ...(view.error === null ? [] : ['', renderErrorRecord(view.error, style)]),
    ...failedShardLines(status.failures, view.shards.failed, status.failuresAt, style),
    '',
    ...nextLines(status.look, style),
  ].join('\n');
}

function rowsText({ view }: RunLook): string {
  const { rowsDone, rowsPlanned, rowsRejected, rowsFiltered } = view;
  const rest = [
    ...(rowsRejected > 0 ? [`${formatCount(rowsRejected)} rejected`] : []),
    ...(rowsFiltered > 0 ? [`${formatCount(rowsFiltered)} filtered`] : []),
  ];
  return [
    `${formatCount(rowsDone)} of ${formatCount(rowsPlanned)} (${formatPercent(rowsDone, rowsPlanned)})`,
    ...rest,
  ].join(', ');
}

function speedText(look: RunLook): string | undefined {
  const { view } = look;
  if (view.state !== 'running' || view.workers === 0) return undefined;
  const workers = plural(view.workers, 'worker');
  const rate = claimedRate(look);
  if (rate === undefined) return workers;
  const left = ((view.rowsPlanned - view.rowsDone) / rate) * 1000;
  return `${formatRate(rate)} rows/s with ${workers}, about ${formatDuration(left)} left`;
}

function submittedText({ look, request }: RunStatus, now: number): string {
  const ago = formatDuration(now - Date.parse(look.view.submittedAt));
  return `${look.view.submittedAt.slice(0, 19).replace('T', ' ')} UTC, ${ago} ago, by ${request.submittedBy}`;
}

function seenText({ view, from, processes, redisTrouble }: RunLook, now: number): string {
  if (from === 'scheduler') {
    return `by the scheduler, ${formatDuration(Math.max(0, now - view.at))} ago`;
  }
  if (processes === undefined) return `in the stores: ${redisTrouble ?? 'Redis does not answer'}`;
  return isEnd(view.state) ? 'in the stores' : 'in the stores: no scheduler has told of it lately';
}

function nextLines({ view }: RunLook, { colors, cwd }: Style): string[] {
  const next = (what: string, command: string): string =>
    `  ${colors.dim(`${what}:`)} shardmill ${command}`;
  switch (view.state) {
    case 'waiting':
    case 'submitted':
    case 'planning':
    case 'running':
    case 'finalizing':
    case 'cancelling':
      return [next('follow it', `watch ${view.run}`)];
    case 'finished':
      return [next('look at it', `inspect ${shellWord(shortPath(view.output, cwd))}`)];
    case 'failed':
      return [next('when the cause is mended', `retry ${view.run}`)];
    case 'skipped':
      return [next('wait for its input anew', `resume ${view.run}`)];
    case 'cancelled':
      return [next('go on', `resume ${view.run}`)];
    default: {
      const unknown: never = view.state;
      return unknown;
    }
  }
}
