import type { TimedPart, TimedShard, TimedWork } from './record-summary.js';
import type { SlowPart, SlowShard } from '../documents/report-schema.js';

const LISTED = 10;

export function slowestShards(shards: readonly TimedShard[]): SlowShard[] {
  return slowest(shards).map((shard) => ({
    shard: shard.shard,
    worker: shard.worker,
    failedAttempts: shard.failedAttempts,
    ...paceOf(shard),
  }));
}

export function slowestParts(parts: readonly TimedPart[]): SlowPart[] {
  return slowest(parts).map((part) => ({
    shard: part.shard,
    part: part.part,
    ...paceOf(part),
    steps: { ...part.seconds },
  }));
}

function slowest<T extends TimedWork>(all: readonly T[]): T[] {
  const time = ({ startMs, endMs }: T): number => endMs - startMs;
  return all.toSorted((a, b) => time(b) - time(a) || a.shard - b.shard).slice(0, LISTED);
}

function paceOf({ rows, startMs, endMs }: TimedWork): {
  rows: number;
  seconds: number;
  rowsPerSecond: number;
} {
  const seconds = (endMs - startMs) / 1000;
  // Clocks count milliseconds: what took less took one, at most.
  return { rows, seconds, rowsPerSecond: rows / Math.max(seconds, 0.001) };
}
