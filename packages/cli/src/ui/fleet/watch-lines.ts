import { memoryText } from '../memory-text.js';
import { type RunSnapshot, standstill, workersOf } from '@shardmill/client/fleet';
import {
  formatClock,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  plural,
} from '../text/format.js';
import { progressBar } from '../run/progress-line.js';
import { stateSign, tookMs } from './run-state.js';
import { shardCountsText } from './shard-counts.js';
import type { Colors } from '../text/style.js';
import { visibleLength, wrapText } from '../text/text-layout.js';

export interface WatchView {
  readonly snapshot: RunSnapshot;
  /** The rate measured while watching; undefined until something came. */
  readonly rowsPerSecond: number | undefined;
  /** Milliseconds since this snapshot was taken. */
  readonly ageMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The age of a snapshot from which on it is shown. */
const OLD_MS = 5000;

/** A run as `watch` draws it on a terminal, again and again. */
export function watchLines(watch: WatchView, width: number, colors: Colors): string[] {
  const { snapshot, now } = watch;
  const { view } = snapshot;
  const left = `${stateSign(view.state, colors)} ${colors.bold(view.job)} ${view.state} ${formatClock(tookMs(view, now))}`;
  const gap = width - visibleLength(left) - view.run.length;
  const lines = [gap >= 2 ? left + ' '.repeat(gap) + colors.dim(view.run) : left];
  if (view.rowsPlanned > 0) {
    const percent = colors.bold(formatPercent(view.rowsDone, view.rowsPlanned).padStart(4));
    const rows = `${formatCount(view.rowsDone)} of ${formatCount(view.rowsPlanned)} rows`;
    const cells = Math.max(8, Math.min(40, width - rows.length - 10));
    lines.push(
      `  ${progressBar(view.rowsDone, view.rowsPlanned, cells, colors)} ${percent}  ${rows}`,
    );
    const speed = speedText(watch);
    if (speed !== '') lines.push(`  ${speed}`);
    lines.push(`  shards   ${shardCountsText(view.shards, colors)}`);
    lines.push(`  workers  ${workersText(snapshot)}`);
    const troubles = troublesText(snapshot);
    if (troubles !== '') lines.push(`  ${colors.yellow(troubles)}`);
  }
  const notes = notesOf(watch).flatMap((note) => wrapText(note, width, 4, 2).split('\n'));
  return [
    ...lines,
    ...notes.map((note) => (note.startsWith(' ') ? '' : '  ') + colors.yellow(note)),
  ];
}

/** The same for a log: one line. */
export function plainWatchLine(watch: WatchView): string {
  const { snapshot, rowsPerSecond } = watch;
  const { view } = snapshot;
  const parts: string[] = [];
  if (view.rowsPlanned > 0) {
    const { rowsDone, rowsPlanned, shards } = view;
    parts.push(
      `${formatCount(rowsDone)} of ${formatCount(rowsPlanned)} rows (${formatPercent(rowsDone, rowsPlanned)})`,
    );
    if (rowsPerSecond !== undefined) parts.push(`${formatRate(rowsPerSecond)} rows/s`);
    const leftMs = timeLeft(watch);
    if (leftMs !== undefined) parts.push(`about ${formatDuration(leftMs)} left`);
    parts.push(`${formatCount(shards.done)} of ${plural(shards.planned, 'shard')}`);
    parts.push(plural(view.workers, 'worker'));
  }
  const troubles = troublesText(snapshot);
  if (troubles !== '') parts.push(troubles);
  parts.push(...notesOf(watch));
  return `${view.job}: ${[view.state, ...parts].join(', ')}`;
}

function speedText(watch: WatchView): string {
  const { snapshot, rowsPerSecond } = watch;
  const { view } = snapshot;
  if (view.rowsDone >= view.rowsPlanned && view.state === 'running') return 'all rows are done';
  if (rowsPerSecond === undefined) return view.shards.active > 0 ? 'measuring the speed …' : '';
  const leftMs = timeLeft(watch);
  const left = leftMs === undefined ? '' : `, ${formatClock(leftMs)} left`;
  return `${formatRate(rowsPerSecond)} rows/s${left}`;
}

function timeLeft({ snapshot, rowsPerSecond }: WatchView): number | undefined {
  const rows = snapshot.view.rowsPlanned - snapshot.view.rowsDone;
  if (rowsPerSecond === undefined || rowsPerSecond <= 0 || rows <= 0) return undefined;
  return (rows / rowsPerSecond) * 1000;
}

function workersText(snapshot: RunSnapshot): string {
  const { view, processes } = snapshot;
  if (processes === undefined) return 'unknown';
  const there = workersOf(snapshot).length;
  return `${formatCount(view.workers)} with shards of this run, ${formatCount(there)} in pool ${view.pool}`;
}

function troublesText({ view }: RunSnapshot): string {
  const parts: string[] = [];
  if (view.rowsRejected > 0) parts.push(`${plural(view.rowsRejected, 'row')} rejected`);
  if (view.retries > 0) parts.push(plural(view.retries, 'retry', 'retries'));
  if (view.memory !== null) parts.push(`memory ${memoryText(view.memory)}`);
  return parts.join(', ');
}

function notesOf({ snapshot, ageMs }: WatchView): string[] {
  const waits = standstill(snapshot);
  return [
    ...(waits === undefined ? [] : [`waiting: ${waits}`]),
    ...(ageMs > OLD_MS ? [`last heard of ${formatDuration(ageMs)} ago; trying again`] : []),
  ];
}
