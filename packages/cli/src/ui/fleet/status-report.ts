import { type ShardFailure, shellWord } from '@shardmill/core';
import {
  claimedRate,
  type RegisteredRun,
  type RunSnapshot,
  standstill,
} from '@shardmill/client/fleet';
import { formatCount, formatDuration, formatPercent, formatRate, plural } from '../text/format.js';
import { memoryText } from '../memory-text.js';
import { renderErrorRecord } from '../error-report.js';
import { failedShardLines } from './failed-shards.js';
import { isEnd, stateSign, tookMs } from './run-state.js';
import { shardCountsText } from './shard-counts.js';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { type Field, fieldLines, optionalField, wrapText } from '../text/text-layout.js';
import { costText, workTimeText } from '../text/usage-text.js';

export interface ShownStatus {
  readonly snapshot: RunSnapshot;
  readonly request: Pick<RegisteredRun['request'], 'submittedBy' | 'key'>;
  /** The first few shards that failed for good. */
  readonly failures: readonly ShardFailure[];
  /** Where all failures are. */
  readonly failuresAt: string | undefined;
}

/** What `status` prints: how far a run is, what it waits for, and what to do next. */
export function statusReport(status: ShownStatus, now: number, style: Style): string {
  const { colors, cwd } = style;
  const { view } = status.snapshot;
  const planned = view.rowsPlanned > 0 || view.shards.planned > 0;
  const fields: Field[] = [
    ['rows', planned ? rowsText(status.snapshot) : 'not planned yet'],
    ...(planned ? [['shards', shardCountsText(view.shards, colors)] as const] : []),
    ...optionalField('speed', speedText(status.snapshot)),
    ...optionalField('retries', view.retries > 0 ? formatCount(view.retries) : ''),
    ...usageField(view.usage),
    ...optionalField('memory', view.memory === null ? '' : memoryText(view.memory)),
    ['submitted', submittedText(status, now)],
    ...optionalField('took', view.endedAt === null ? '' : formatDuration(tookMs(view, now))),
    ['output', shortPath(view.output, cwd)],
    ...optionalField('key', status.request.key),
    ['seen', seenText(status.snapshot, now)],
  ];
  const waits = standstill(status.snapshot);
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
    ...nextLines(status.snapshot, style),
  ].join('\n');
}

function rowsText({ view }: RunSnapshot): string {
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

/** What it has used so far. */
function usageField(usage: RunSnapshot['view']['usage']): Field[] {
  if (usage === null || (usage.workerSeconds === 0 && usage.unfinishedSeconds === undefined)) {
    return [];
  }
  const cost = costText(usage);
  return [cost === undefined ? ['work', workTimeText(usage)] : ['cost', cost]];
}

function speedText(snapshot: RunSnapshot): string | undefined {
  const { view } = snapshot;
  if (view.state !== 'running' || view.workers === 0) return undefined;
  const workers = plural(view.workers, 'worker');
  const rate = claimedRate(snapshot);
  if (rate === undefined) return workers;
  const left = ((view.rowsPlanned - view.rowsDone) / rate) * 1000;
  return `${formatRate(rate)} rows/s with ${workers}, about ${formatDuration(left)} left`;
}

function submittedText({ snapshot, request }: ShownStatus, now: number): string {
  const ago = formatDuration(now - Date.parse(snapshot.view.submittedAt));
  return `${snapshot.view.submittedAt.slice(0, 19).replace('T', ' ')} UTC, ${ago} ago, by ${request.submittedBy}`;
}

function seenText({ view, from, processes, redisTrouble }: RunSnapshot, now: number): string {
  if (from === 'scheduler') {
    return `by the scheduler, ${formatDuration(Math.max(0, now - view.at))} ago`;
  }
  if (processes === undefined) return `in the stores: ${redisTrouble ?? 'Redis does not answer'}`;
  return isEnd(view.state) ? 'in the stores' : 'in the stores: no scheduler has reported it lately';
}

function nextLines({ view }: RunSnapshot, { colors, cwd }: Style): string[] {
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
      return [next('when the cause is fixed', `retry ${view.run}`)];
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
