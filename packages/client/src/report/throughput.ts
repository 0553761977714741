import type { TimedWork } from './record-summary.js';
import type { Throughput } from '../documents/report-schema.js';

/** Enough to see a stall, few enough to be drawn on a telephone. */
const BINS = 60;

/**
 * How many rows were done when: those of each part are spread evenly over the time that it took.
 * @returns null where no part has times.
 */
export function throughputOf(parts: readonly TimedWork[], untimedRows: number): Throughput | null {
  if (parts.length === 0) return null;
  let [from, to] = [Infinity, -Infinity];
  for (const { startMs, endMs } of parts) {
    from = Math.min(from, startMs);
    to = Math.max(to, endMs);
  }
  // A run within one tick of the clock has a rate that no clock shows; its rows are in one bin.
  const width = Math.max(to - from, 1) / BINS;
  const bins = Array.from({ length: BINS }, () => 0);
  for (const part of parts) spread(part, from, width, bins);
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    parts: parts.length,
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    untimedRows,
    binSeconds: width / 1000,
    bins,
  };
}

function spread(
  { startMs, endMs, rows }: TimedWork,
  from: number,
  width: number,
  bins: number[],
): void {
  const add = (bin: number, more: number): void => {
    const at = Math.min(Math.max(bin, 0), bins.length - 1);
    bins[at] = (bins[at] ?? 0) + more;
  };
  const [first, last] = [(startMs - from) / width, (endMs - from) / width];
  if (last - first < 1e-9) {
    add(Math.floor(first), rows);
    return;
  }
  for (let bin = Math.floor(first); bin < last; bin++) {
    const overlap = Math.min(bin + 1, last) - Math.max(bin, first);
    add(bin, (rows * overlap) / (last - first));
  }
}
