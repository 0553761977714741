import type { RunProgress } from '@shardmill/client/local-run';
import {
  formatClock,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
} from '../text/format.js';
import type { Colors } from '../text/style.js';
import { visibleLength } from '../text/text-layout.js';

export interface ProgressView {
  readonly name: string;
  readonly progress: RunProgress;
  readonly rowsPerSecond: number | undefined;
}

/**
 * One line of at most `width` columns, drawn again and again: what fits, the most important first.
 * `churn ━━━━━━━───── 45%  3,200,000 of 7,043,000 rows  1.23 M/s  0:42 left  12 rejected`
 */
export function progressLine(view: ProgressView, width: number, colors: Colors): string {
  const { name, progress } = view;
  const { rowsDone, rowsPlanned } = progress;
  const percent = colors.bold(formatPercent(rowsDone, rowsPlanned).padStart(4));
  const rows = `${formatCount(rowsDone)} of ${formatCount(rowsPlanned)} rows`;
  const speed = view.rowsPerSecond === undefined ? '' : `${formatRate(view.rowsPerSecond)} rows/s`;
  const left = remaining(view);
  const troubles = troublesOf(progress);
  const trouble = troubles === '' ? '' : colors.yellow(troubles);
  const bar = (cells: number): string => progressBar(rowsDone, rowsPlanned, cells, colors);
  const layouts: string[][] = [
    [`${name} ${bar(24)}${percent}`, rows, speed, left, trouble],
    [`${name} ${bar(12)}${percent}`, rows, speed, left, trouble],
    [`${name}${percent}`, rows, speed, left, trouble],
    [`${name}${percent}`, rows, left, trouble],
    [`${name}${percent}`, left, trouble],
    [percent.trim(), left],
    [percent.trim()],
  ];
  for (const parts of layouts) {
    const line = parts.filter((part) => part !== '').join('  ');
    if (visibleLength(line) <= width) return line;
  }
  return '';
}

/** The same for a log: one whole sentence per line. */
export function plainProgressLine({ name, progress, rowsPerSecond }: ProgressView): string {
  const { rowsDone, rowsPlanned } = progress;
  const parts = [
    `${formatCount(rowsDone)} of ${formatCount(rowsPlanned)} rows (${formatPercent(rowsDone, rowsPlanned)})`,
  ];
  if (rowsPerSecond !== undefined) {
    const leftMs = ((rowsPlanned - rowsDone) / rowsPerSecond) * 1000;
    parts.push(`${formatRate(rowsPerSecond)} rows/s`);
    if (leftMs > 0) parts.push(`about ${formatDuration(leftMs)} left`);
  }
  const troubles = troublesOf(progress);
  if (troubles !== '') parts.push(troubles);
  return `${name}: ${parts.join(', ')}`;
}

function remaining({ progress, rowsPerSecond }: ProgressView): string {
  const rows = progress.rowsPlanned - progress.rowsDone;
  if (rows <= 0) return 'finishing';
  if (rowsPerSecond === undefined || rowsPerSecond <= 0) return '';
  return `${formatClock((rows / rowsPerSecond) * 1000)} left`;
}

function troublesOf(progress: RunProgress): string {
  const { rowsRejected, retries, shardsFailed } = progress;
  const parts: string[] = [];
  if (rowsRejected > 0) parts.push(`${formatCount(rowsRejected)} rejected`);
  if (retries > 0) parts.push(`${formatCount(retries)} ${retries === 1 ? 'retry' : 'retries'}`);
  if (shardsFailed > 0) {
    parts.push(`${formatCount(shardsFailed)} ${shardsFailed === 1 ? 'shard' : 'shards'} failed`);
  }
  return parts.join(', ');
}

/** A bar of `cells` cells; half a cell is the finest step: `━━━╸────`. */
export function progressBar(done: number, all: number, cells: number, colors: Colors): string {
  const halves = Math.floor(Math.min(1, all === 0 ? 0 : done / all) * cells * 2);
  const full = '━'.repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? '╸' : '');
  return colors.green(full) + colors.dim('─'.repeat(cells - Math.ceil(halves / 2)));
}
