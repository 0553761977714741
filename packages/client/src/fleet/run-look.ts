import { describeInputWait } from '@shardmill/scheduler';
import type { FleetProcess, RunView, WorkerInfo } from '@shardmill/queue';

/** A run as it was seen at one moment, and where that is known from. */
export interface RunLook {
  readonly view: RunView;
  /** `scheduler`: told through Redis just now; `objects`: made out from what lies in the stores. */
  readonly from: 'scheduler' | 'objects';
  /** Who is there; undefined where Redis does not answer. */
  readonly processes: readonly FleetProcess[] | undefined;
  /** What is wrong with Redis where it does not answer. */
  readonly redisTrouble?: string | undefined;
}

/** Workers of the run's pool. */
export function workersOf({ view, processes = [] }: RunLook): WorkerInfo[] {
  return processes.filter(
    (process): process is WorkerInfo => process.kind === 'worker' && process.pool === view.pool,
  );
}

/** Rows per second of the workers that have shards of this run in hand, as they say themselves. */
export function claimedRate(look: RunLook): number | undefined {
  let rate = 0;
  for (const { tasks, rowsPerSecond } of workersOf(look)) {
    const own = tasks.filter((task) => task.run === look.view.run).length;
    if (own > 0) rate += (rowsPerSecond * own) / tasks.length;
  }
  return rate > 0 ? rate : undefined;
}

/** Why a run does not move, and what to do; undefined where it moves or has ended. */
export function standstill(look: RunLook): string | undefined {
  const { view, processes } = look;
  const { state, pool, shards } = view;
  if (['finished', 'failed', 'cancelled', 'skipped'].includes(state)) return undefined;
  if (processes === undefined) {
    return `${look.redisTrouble ?? 'Redis does not answer'}; only shards in hand go on`;
  }
  if (!processes.some((process) => process.kind === 'scheduler')) {
    return 'no scheduler is there; start one: shardmill scheduler';
  }
  if (look.from === 'scheduler' && view.notice !== null) return view.notice;
  if (view.inputWait !== null) return describeInputWait(view.inputWait, view.at);
  if (state !== 'running' || shards.active > 0) return undefined;
  const workers = workersOf(look);
  if (workers.length === 0) {
    return `no worker of pool ${pool} is there; start one: shardmill worker --pool ${pool}`;
  }
  if (workers.every((worker) => worker.state === 'draining')) {
    return `every worker of pool ${pool} is about to stop`;
  }
  if (shards.waiting === 0 && shards.delayed > 0) {
    return 'shards that failed get their next attempt in a while';
  }
  const busy = workers.every((worker) => worker.tasks.length >= worker.concurrency);
  if (shards.waiting > 0 && busy) return `the workers of pool ${pool} have other runs in hand`;
  return undefined;
}
