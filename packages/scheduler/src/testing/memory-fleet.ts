import { ShardmillError } from '@shardmill/core';
import type {
  FleetEvent,
  FleetEvents,
  FleetProcess,
  Presence,
  RunView,
  RunViews,
  WorkerInfo,
} from '@shardmill/queue';
import { MemoryQueue } from './memory-queue.js';

/** What Redis does for a fleet, in memory. */
export class MemoryFleet {
  readonly queues = new Map<string, MemoryQueue>();
  readonly processes = new Map<string, FleetProcess>();
  readonly views = new Map<string, RunView>();
  /** All views that were put. */
  readonly history: RunView[] = [];
  readonly #listeners = new Set<(event: FleetEvent) => void>();
  #away = false;
  /** Whether events reach their listeners. */
  deaf = false;

  get away(): boolean {
    return this.#away;
  }

  set away(away: boolean) {
    this.#away = away;
    for (const queue of this.queues.values()) queue.away = away;
  }

  queue(pool = 'cpu'): MemoryQueue {
    const queue = this.queues.get(pool) ?? new MemoryQueue(pool);
    queue.away = this.#away;
    this.queues.set(pool, queue);
    return queue;
  }

  /** FLUSHALL */
  flush(): void {
    for (const queue of this.queues.values()) queue.entries.clear();
    this.processes.clear();
    this.views.clear();
  }

  addWorker(concurrency: number, change: Partial<WorkerInfo> = {}): void {
    const id = change.id ?? `w${this.processes.size}`;
    this.processes.set(id, {
      kind: 'worker',
      id,
      host: 'h',
      pid: 1,
      version: '1',
      startedAt: '',
      seenAt: 0,
      pool: 'cpu',
      state: 'taking',
      concurrency,
      residentBytes: 0,
      rowsPerSecond: 0,
      shardsDone: 0,
      providers: ['cpu'],
      tasks: [],
      refusals: [],
      ...change,
    });
  }

  get eventsSide(): FleetEvents {
    return {
      publish: (event) => {
        if (this.#away || this.deaf) return;
        for (const listener of this.#listeners) listener(event);
      },
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      close: async () => {},
    };
  }

  get presenceSide(): Presence {
    return {
      announce: async (process) => {
        if (!this.#away) this.processes.set(process.id, process);
      },
      leave: async (id) => {
        this.processes.delete(id);
      },
      list: async () => {
        this.#reach();
        return [...this.processes.values()];
      },
      close: async () => {},
    };
  }

  get viewsSide(): RunViews {
    return {
      put: async (view) => {
        if (this.#away) return;
        this.views.set(view.run, view);
        this.history.push(view);
      },
      get: async (run) => {
        this.#reach();
        return this.views.get(run);
      },
      close: async () => {},
    };
  }

  #reach(): void {
    if (this.#away) throw new ShardmillError('REDIS_UNREACHABLE', 'Redis is away');
  }
}
