import {
  addRowCounts,
  mergeReasons,
  mergeStatisticsByColumn,
  NO_ROWS,
  type OutputStatistics,
  type RejectedReasons,
  type RowCounts,
  type ShardRecord,
} from '@shardmill/core';

/** The time that a part or a shard took, in milliseconds since 1970. */
export interface TimedWork {
  readonly shard: number;
  readonly rows: number;
  readonly startMs: number;
  readonly endMs: number;
}

export interface TimedPart extends TimedWork {
  readonly part: number;
  readonly seconds: Readonly<Record<string, number>>;
}

export interface TimedShard extends TimedWork {
  readonly worker: string;
  readonly failedAttempts: number;
}

/** Attempts at a shard that failed before one had its record. */
export interface ShardAttempts {
  readonly shard: number;
  readonly attempts: NonNullable<ShardRecord['failed']>;
}

/** A file of rejected rows, with the reasons of its shard. */
export interface RejectedFile {
  readonly key: string;
  readonly bytes: number;
  readonly reasons: RejectedReasons;
}

/** What the records of a run's shards say, without what is only needed to check them. */
export interface RecordSummary {
  readonly shards: number;
  readonly parts: number;
  readonly bytes: number;
  readonly rows: RowCounts;
  readonly statistics: Readonly<Record<string, OutputStatistics>>;
  readonly rejectedReasons: RejectedReasons;
  readonly steps: Readonly<Record<string, number>>;
  readonly timedParts: readonly TimedPart[];
  readonly timedShards: readonly TimedShard[];
  /** Parts without times: those that a later attempt at the shard, or a later run, found there. */
  readonly untimed: { readonly parts: number; readonly rows: number };
  readonly retried: readonly ShardAttempts[];
  readonly rejectedFiles: readonly RejectedFile[];
}

/** The shard's share of the time of its worker, which is no step of the engine's. */
const WORKER = 'worker';

/** Adds up records as they are read: statistics and times stay, digests do not. */
export class RecordSummaries {
  #shards = 0;
  #parts = 0;
  #bytes = 0;
  #rows: RowCounts = NO_ROWS;
  #statistics: Record<string, OutputStatistics> = {};
  #rejectedReasons: RejectedReasons = {};
  readonly #steps: Record<string, number> = {};
  readonly #timedParts: TimedPart[] = [];
  readonly #timedShards: TimedShard[] = [];
  readonly #untimed = { parts: 0, rows: 0 };
  readonly #retried: ShardAttempts[] = [];
  readonly #rejectedFiles: RejectedFile[] = [];

  /** @param withStatistics false where the manifest has them merged. */
  add(record: ShardRecord, withStatistics: boolean): void {
    const { shard, rows, parts, attempt, failed = [], rejectedReasons = {} } = record;
    this.#shards++;
    this.#parts += parts.length;
    this.#rows = addRowCounts(this.#rows, rows);
    this.#rejectedReasons = mergeReasons(this.#rejectedReasons, rejectedReasons);
    if (withStatistics) {
      this.#statistics = mergeStatisticsByColumn(this.#statistics, record.statistics);
    }
    for (const [step, spent] of Object.entries(record.seconds)) {
      if (step === WORKER) continue;
      this.#steps[step] = (this.#steps[step] ?? 0) + spent;
    }
    for (const { part, rows: counts, object, rejected, made } of parts) {
      this.#bytes += object.bytes;
      if (rejected !== null) {
        this.#rejectedFiles.push({
          key: rejected.key,
          bytes: rejected.bytes,
          reasons: rejectedReasons,
        });
      }
      const times = made === undefined ? undefined : periodOf(made);
      if (made === undefined || times === undefined) {
        this.#untimed.parts++;
        this.#untimed.rows += counts.read;
      } else {
        this.#timedParts.push({ shard, part, rows: counts.read, ...times, seconds: made.seconds });
      }
    }
    const times = attempt === undefined ? undefined : periodOf(attempt);
    if (attempt !== undefined && times !== undefined) {
      const failedAttempts = failed.length;
      const { worker } = attempt;
      this.#timedShards.push({ shard, rows: rows.read, ...times, worker, failedAttempts });
    }
    if (failed.length > 0) this.#retried.push({ shard, attempts: failed });
  }

  summary(): RecordSummary {
    return {
      shards: this.#shards,
      parts: this.#parts,
      bytes: this.#bytes,
      rows: this.#rows,
      statistics: this.#statistics,
      rejectedReasons: this.#rejectedReasons,
      steps: this.#steps,
      timedParts: this.#timedParts,
      timedShards: this.#timedShards,
      untimed: this.#untimed,
      retried: this.#retried,
      rejectedFiles: this.#rejectedFiles,
    };
  }
}

/** Undefined where a time cannot be read. A clock that was set back in between leaves no time at all. */
function periodOf({
  startedAt,
  endedAt,
}: {
  readonly startedAt: string;
  readonly endedAt: string;
}): { startMs: number; endMs: number } | undefined {
  const [startMs, endMs] = [Date.parse(startedAt), Date.parse(endedAt)];
  if (Number.isNaN(startMs) || Number.isNaN(endMs)) return undefined;
  return { startMs, endMs: Math.max(startMs, endMs) };
}
