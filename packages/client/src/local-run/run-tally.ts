import type { PlanTotals, ShardRecord } from '@shardmill/core';
import type { PartProgress, ShrunkCalls } from '@shardmill/worker';
import type { RunProgress } from './run-types.js';

interface PartTally {
  scored: number;
  rejected: number;
  filtered: number;
  finished: boolean;
  resumed: boolean;
}

/**
 * Counts the rows of a run as they are done. What a part that failed had done is taken back, so
 * that the numbers are those of the results.
 */
export class RunTally {
  #shards = new Map<number, Map<number, PartTally>>();
  #finished = { scored: 0, rejected: 0, filtered: 0, resumed: 0, parts: 0 };
  shardsFailed = 0;
  retries = 0;
  /** One for each engine that had no room for its calls. */
  readonly shrunkCalls: ShrunkCalls[] = [];

  constructor(
    readonly totals: Pick<PlanTotals, 'rows' | 'parts'>,
    readonly startedAt: number,
  ) {}

  part(progress: PartProgress): void {
    const parts = this.#shards.get(progress.shard) ?? new Map<number, PartTally>();
    this.#shards.set(progress.shard, parts);
    parts.set(progress.part, {
      scored: progress.scored,
      rejected: progress.rejected,
      filtered: progress.finished?.rows.filtered ?? 0,
      finished: progress.finished !== null,
      resumed: progress.resumed,
    });
  }

  /** A shard whose record is written, now or by an earlier run. */
  shardDone(record: ShardRecord, recordWasThere: boolean): void {
    const parts = this.#shards.get(record.shard);
    const resumedParts = [...(parts ?? [])].filter(([, part]) => part.resumed);
    const resumed = recordWasThere
      ? record.rows.read
      : resumedParts.reduce((sum, [, p]) => sum + p.scored + p.rejected + p.filtered, 0);
    this.#finished.scored += record.rows.scored;
    this.#finished.rejected += record.rows.rejected;
    this.#finished.filtered += record.rows.filtered;
    this.#finished.resumed += resumed;
    this.#finished.parts += record.parts.length;
    this.#shards.delete(record.shard);
  }

  /** A shard that stopped: its finished parts stay, the others count for nothing. */
  shardStopped(shard: number): void {
    const parts = this.#shards.get(shard);
    for (const [number, part] of parts ?? []) if (!part.finished) parts?.delete(number);
  }

  progress(now: number): RunProgress {
    const { totals } = this;
    let { scored, rejected, filtered, resumed, parts } = this.#finished;
    for (const shard of this.#shards.values()) {
      for (const part of shard.values()) {
        scored += part.scored;
        rejected += part.rejected;
        filtered += part.filtered;
        if (part.finished) parts++;
        if (part.resumed) resumed += part.scored + part.rejected + part.filtered;
      }
    }
    return {
      rowsPlanned: totals.rows,
      rowsDone: scored + rejected + filtered,
      rowsScored: scored,
      rowsRejected: rejected,
      rowsFiltered: filtered,
      rowsResumed: resumed,
      partsDone: parts,
      partsPlanned: totals.parts,
      shardsFailed: this.shardsFailed,
      retries: this.retries,
      shrunkCalls: this.shrunkCalls,
      elapsedMs: now - this.startedAt,
    };
  }
}
