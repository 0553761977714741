import type { FleetProcess, SchedulerInfo, WorkerInfo } from '@shardmill/queue';

/** Who is there, as Redis told it last. A hint: it decides about speed, not results. */
export class FleetPicture {
  constructor(readonly processes: readonly FleetProcess[]) {}

  get workers(): readonly WorkerInfo[] {
    return this.processes.filter((process): process is WorkerInfo => process.kind === 'worker');
  }

  get schedulers(): readonly SchedulerInfo[] {
    return this.processes.filter(
      (process): process is SchedulerInfo => process.kind === 'scheduler',
    );
  }

  workersOf(pool: string): readonly WorkerInfo[] {
    return this.workers.filter((worker) => worker.pool === pool);
  }

  /** Shards that the pool's workers can have in hand. */
  concurrencyOf(pool: string): number {
    return this.workersOf(pool)
      .filter(({ state }) => state === 'taking')
      .reduce((sum, { concurrency }) => sum + concurrency, 0);
  }
}
