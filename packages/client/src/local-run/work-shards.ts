import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ObjectStore,
  type PlannedShard,
  ShardmillError,
  type ShardRecord,
  shardRecordKey,
  toShardmillError,
} from '@shardmill/core';
import type { EngineSlot } from '@shardmill/worker';
import type { DiskFullWait } from './disk-full-wait.js';

export interface ShardFailure {
  readonly shard: number;
  readonly error: ShardmillError;
  readonly attempts: number;
}

export interface WorkOptions {
  readonly store: ObjectStore;
  /** Shards without a record. */
  readonly shards: AsyncIterable<PlannedShard>;
  readonly slots: readonly EngineSlot[];
  /** Attempts per shard, the first one included. */
  readonly attempts: number;
  readonly diskFull: DiskFullWait;
  readonly signal: AbortSignal;
  readonly onRecord: (record: ShardRecord) => void;
  readonly onStopped: (shard: PlannedShard, error: ShardmillError, again: boolean) => void;
  /** Instead, where it is no fault of the shard's and is tried again after a pause. */
  readonly onPause: (shard: PlannedShard, error: ShardmillError, notice?: string) => void;
}

/** Shards that an engine has at once: the next is scanned while the last parts of one are written. */
const SHARDS_PER_ENGINE = 2;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The queue of a local run: hands shards to engines, tries again what may succeed, and writes the
 * record of each shard that is done.
 * @returns the shards that failed for good; the others are done.
 */
export async function workShards(options: WorkOptions): Promise<ShardFailure[]> {
  const failures: ShardFailure[] = [];
  const shards = options.shards[Symbol.asyncIterator]();
  const workers = options.slots.flatMap((slot) =>
    Array.from({ length: SHARDS_PER_ENGINE }, async (_, index) => {
      // After a crash one shard at a time, so that the next one tells which it was.
      const lead = index === 0;
      while (!options.signal.aborted) {
        if (!lead && slot.crashes > 0) return;
        const next = await shards.next();
        if (next.done === true) return;
        const failure = await workShard(next.value, slot, options);
        if (failure !== undefined) failures.push(failure);
      }
    }),
  );
  await Promise.all(workers);
  return failures.toSorted((a, b) => a.shard - b.shard);
}

async function workShard(
  shard: PlannedShard,
  slot: EngineSlot,
  options: WorkOptions,
): Promise<ShardFailure | undefined> {
  const { store, signal, diskFull, onRecord, onStopped, onPause } = options;
  for (let attempt = 1; ; ) {
    try {
      const record = await slot.scoreShard(shard);
      await writeRecord(store, record);
      onRecord(record);
      diskFull.clear();
      return undefined;
    } catch (thrown) {
      const error = toShardmillError(thrown);
      if (signal.aborted) return undefined;
      const full = error.code === 'DISK_FULL' ? diskFull.met(Date.now()) : undefined;
      if (full !== undefined) {
        onPause(shard, error, full.notice);
        await sleep(full.pauseMs, undefined, { signal }).catch(() => {});
        continue;
      }
      const blamed = slot.blames(error);
      const again = error.entry.retry !== 'never' && (!blamed || attempt < options.attempts);
      onStopped(shard, error, again);
      if (!again) return { shard: shard.shard, error: located(error, shard), attempts: attempt };
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      if (blamed) attempt++;
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  }
}

/** The error with the shard's rows as its place, where it does not know a better one. */
function located(error: ShardmillError, { shard, files, parts }: PlannedShard): ShardmillError {
  if (error.where !== undefined) return error;
  const slices = parts.flatMap((part) => part.slices);
  const [first, last] = [slices[0], slices.at(-1)];
  const uri = files[0]?.uri ?? 'no file';
  const rows =
    files.length === 1 && first !== undefined && last !== undefined
      ? `rows ${first.firstRow} to ${last.firstRow + last.rows - 1} of ${uri}`
      : `${files.length} files from ${uri}`;
  const { code, message, remedy } = error;
  return new ShardmillError(code, message, {
    where: `shard ${shard}: ${rows}`,
    remedy,
    cause: error,
  });
}

/** Another process that finished the same shard has written the same: the first record stays. */
async function writeRecord(store: ObjectStore, record: ShardRecord): Promise<void> {
  const key = shardRecordKey(record.runId, record.shard);
  await store.create(key, new TextEncoder().encode(JSON.stringify(record)));
}
