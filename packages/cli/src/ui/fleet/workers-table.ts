import type { FleetProcess, SchedulerInfo, WorkerInfo } from '@shardmill/queue';
import { formatBytes, formatCount, formatDuration, formatRate, plural } from '../text/format.js';
import type { Style } from '../text/style.js';
import { table } from '../text/text-layout.js';

/** What `workers` prints: the processes of the fleet, and the in-flight shards of each. */
export function workersTable(
  processes: readonly FleetProcess[],
  now: number,
  { colors }: Style,
): string {
  const schedulers = processes.filter(isScheduler);
  const workers = processes
    .filter(isWorker)
    .toSorted((a, b) => a.pool.localeCompare(b.pool) || a.id.localeCompare(b.id));
  const dims = (heads: readonly string[]): string[] => heads.map((head) => colors.dim(head));
  const up = (process: FleetProcess): string =>
    formatDuration(Math.max(0, now - Date.parse(process.startedAt)));
  const lines: string[] = [];
  if (schedulers.length === 0) {
    lines.push(colors.yellow('no scheduler is there: start one with `shardmill scheduler`'));
  } else {
    const rows = schedulers.map((process) => [process.id, formatCount(process.runs), up(process)]);
    lines.push(
      ...table([dims(['scheduler', 'runs', 'up']), ...rows], ['left', 'right', 'right'], 0),
    );
  }
  lines.push('');
  if (workers.length === 0) {
    lines.push(colors.yellow('no worker is there: start one with `shardmill worker`'));
    return lines.join('\n');
  }
  const heads = ['worker', 'pool', 'state', 'shards', 'rows/s', 'memory', 'done', 'up'];
  const rows = workers.map((worker) => [
    worker.id,
    worker.pool,
    stateOf(worker, colors),
    `${worker.tasks.length} of ${worker.concurrency}`,
    worker.rowsPerSecond > 0 ? formatRate(worker.rowsPerSecond) : '',
    formatBytes(worker.residentBytes),
    formatCount(worker.shardsDone),
    up(worker),
  ]);
  const align = ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right'] as const;
  lines.push(...table([dims(heads), ...rows], align, 0));
  lines.push(...taskLines(workers, now, colors.dim));
  return lines.join('\n');
}

const isWorker = (process: FleetProcess): process is WorkerInfo => process.kind === 'worker';
const isScheduler = (process: FleetProcess): process is SchedulerInfo =>
  process.kind === 'scheduler';

function stateOf({ state, tasks }: WorkerInfo, colors: Style['colors']): string {
  switch (state) {
    case 'taking':
      return tasks.length > 0 ? colors.cyan('busy') : colors.green('free');
    case 'draining':
      return colors.yellow('stopping');
    default: {
      const unknown: never = state;
      return unknown;
    }
  }
}

/** In-flight shards, by run. */
function taskLines(
  workers: readonly WorkerInfo[],
  now: number,
  dim: (text: string) => string,
): string[] {
  const tasks = workers.flatMap((worker) => worker.tasks.map((task) => ({ ...task, worker })));
  if (tasks.length === 0) return [];
  const rows = tasks
    .toSorted((a, b) => a.run.localeCompare(b.run) || a.shard - b.shard)
    .map((task) => [
      task.run,
      String(task.shard),
      plural(task.scored + task.rejected + task.filtered, 'row'),
      formatDuration(Math.max(0, now - Date.parse(task.startedAt))),
      task.worker.id,
    ]);
  const heads = ['in flight', 'shard', 'done so far', 'for', 'worker'].map((head) => dim(head));
  return ['', ...table([heads, ...rows], ['left', 'right', 'right', 'right'], 0)];
}
