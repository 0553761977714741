import type { TimedShard } from './record-summary.js';
import type { ReportWorker } from '../documents/report-schema.js';

/** A gap of less than this share of the run is not to be seen in a chart. */
const CLOSED_GAP = 1 / 200;

/** When each worker had shards that it then finished, the one with the most rows first. */
export function workerPeriods(shards: readonly TimedShard[]): ReportWorker[] {
  const from = shards.reduce((least, { startMs }) => Math.min(least, startMs), Infinity);
  const to = shards.reduce((most, { endMs }) => Math.max(most, endMs), -Infinity);
  const byWorker = new Map<string, TimedShard[]>();
  for (const shard of shards) {
    const own = byWorker.get(shard.worker) ?? [];
    own.push(shard);
    byWorker.set(shard.worker, own);
  }
  const workers = [...byWorker].map(([worker, own]): ReportWorker => {
    const exact = joined(own, 0);
    const drawn = joined(own, (to - from) * CLOSED_GAP);
    return {
      worker,
      shards: own.length,
      rows: own.reduce((sum, { rows }) => sum + rows, 0),
      busySeconds: exact.reduce((sum, [start, end]) => sum + end - start, 0) / 1000,
      busy: drawn.map(([start, end]) => [
        new Date(start).toISOString(),
        new Date(end).toISOString(),
      ]),
    };
  });
  return workers.toSorted((a, b) => b.rows - a.rows || (a.worker < b.worker ? -1 : 1));
}

/** Periods in order, of which those are one that lie no further apart than `gap` milliseconds. */
function joined(shards: readonly TimedShard[], gap: number): [start: number, end: number][] {
  const periods: [number, number][] = [];
  for (const { startMs, endMs } of shards.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = periods.at(-1);
    if (last !== undefined && startMs - last[1] <= gap) last[1] = Math.max(last[1], endMs);
    else periods.push([startMs, endMs]);
  }
  return periods;
}
