import type { PlannedShard } from '@shardmill/core';
import type { ShardMessage, ShardTask, WorkerTask } from '@shardmill/queue';
import type { PartProgress } from '../part/part-progress.js';
import type { InFlightShard } from './drain-plan.js';
import { remainingMs } from './remaining-time.js';
import { RowRate } from './row-rate.js';

interface ShardState {
  readonly task: ShardTask;
  readonly startedAt: number;
  /** Rows planned by part. */
  planned: ReadonlyMap<number, number>;
  readonly parts: Map<number, { readonly begunAt: number; progress: PartProgress }>;
}

/** How much of the last part goes into the pace of a run. */
const NEWEST_SHARE = 0.3;
const RUNS_REMEMBERED = 32;

/** The in-flight shards of this worker: their rows so far, and how long their parts will take. */
export class InFlightShards {
  readonly #states = new Map<ShardMessage, ShardState>();
  /** Milliseconds per row from beginning to end of a part, by run. */
  readonly #paces = new Map<string, number>();
  readonly #rate = new RowRate();

  get size(): number {
    return this.#states.size;
  }

  add(task: ShardTask, now: number): void {
    this.#states.set(task.message, { task, startedAt: now, planned: new Map(), parts: new Map() });
  }

  remove(task: ShardTask): void {
    this.#states.delete(task.message);
  }

  /** An engine is going to score it. */
  scoring(message: ShardMessage, shard: PlannedShard): void {
    const state = this.#states.get(message);
    if (state !== undefined)
      state.planned = new Map(shard.parts.map(({ part, rows }) => [part, rows]));
  }

  /** @returns whether the part is finished now, and was not before. */
  progress(message: ShardMessage, progress: PartProgress, now: number): boolean {
    const state = this.#states.get(message);
    if (state === undefined) return false;
    const known = state.parts.get(progress.part);
    const wasFinished = known !== undefined && known.progress.finished !== null;
    const begunAt = known?.begunAt ?? now;
    state.parts.set(progress.part, { begunAt, progress });
    if (progress.resumed || wasFinished) return !wasFinished && progress.finished !== null;
    const more = rowsOf(progress) - (known === undefined ? 0 : rowsOf(known.progress));
    if (more > 0) this.#rate.add(more, now);
    const rows = state.planned.get(progress.part) ?? 0;
    if (progress.finished !== null && rows > 0) this.#learn(message, (now - begunAt) / rows);
    return progress.finished !== null;
  }

  /** Its engine is gone, and with it what was not finished. */
  startOver(message: ShardMessage): void {
    const parts = this.#states.get(message)?.parts;
    for (const [part, { progress }] of parts ?? []) {
      if (progress.finished === null) parts?.delete(part);
    }
  }

  rowsPerSecond(now: number): number {
    return this.#rate.perSecond(now);
  }

  /**
   * The form in which the presence of this worker reports them.
   * @param secondsOf the share of one in the time of this worker so far.
   */
  list(secondsOf: (task: ShardTask) => number): WorkerTask[] {
    return [...this.#states.values()].map(({ task, startedAt, parts }) => {
      const all = [...parts.values()].map(({ progress }) => progress);
      const sum = (of: (progress: PartProgress) => number): number =>
        all.reduce((total, progress) => total + of(progress), 0);
      return {
        run: task.message.run,
        shard: task.message.shard,
        startedAt: new Date(startedAt).toISOString(),
        scored: sum(({ scored }) => scored),
        rejected: sum(({ rejected }) => rejected),
        filtered: sum(({ finished }) => finished?.rows.filtered ?? 0),
        workerSeconds: secondsOf(task),
      };
    });
  }

  /** What there is to finish of a shard, for a worker that has to stop. */
  inFlight({ message }: ShardTask, now: number): InFlightShard {
    const state = this.#states.get(message);
    if (state === undefined) return { hasPart: false, remainingMs: 0 };
    const pace = this.#paces.get(message.planRun);
    const begun = [...state.parts].filter(([, { progress }]) => progress.finished === null);
    const times = begun.map(([part, { begunAt, progress }]) =>
      remainingMs(
        { rows: state.planned.get(part) ?? 0, done: rowsOf(progress), begunAt },
        pace,
        now,
      ),
    );
    // With its last part finished, a shard has its record to be written.
    const allFinished = state.parts.size > 0 && state.parts.size === state.planned.size;
    return { hasPart: begun.length > 0 || allFinished, remainingMs: Math.max(0, ...times) };
  }

  #learn({ planRun }: ShardMessage, msPerRow: number): void {
    const before = this.#paces.get(planRun) ?? msPerRow;
    this.#paces.delete(planRun);
    this.#paces.set(planRun, before + NEWEST_SHARE * (msPerRow - before));
    for (const oldest of this.#paces.keys()) {
      if (this.#paces.size <= RUNS_REMEMBERED) break;
      this.#paces.delete(oldest);
    }
  }
}

function rowsOf({ scored, rejected, finished }: PartProgress): number {
  return scored + rejected + (finished?.rows.filtered ?? 0);
}
