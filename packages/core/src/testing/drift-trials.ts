import { compareColumns } from '../drift/compare-columns.js';
import { type DriftThresholds, judgeDrift } from '../drift/judge-drift.js';
import type { ProfileColumn } from '../profile/profile-schema.js';
import { profiledColumn } from './profiled-column.js';

/** A value of a column, of numbers between 0 and 1 that are drawn one after another. */
type Draw = (random: () => number) => number | string | null;

/** Columns of many kinds, each as one row of a population that does not change. */
export const POPULATION: Readonly<Record<string, Draw>> = {
  normal: (random) => normal(random),
  skewed: (random) => Math.exp(2 * normal(random)),
  whole: (random) => Math.floor(73 * random()),
  counts: (random) => (random() < 0.7 ? 0 : Math.floor(-8 * Math.log(1 - random()))),
  rare: (random) => (random() < 0.01 ? 1 : 0),
  gaps: (random) => (random() < 0.03 ? null : random()),
  category: (random) => 'abcde'[Math.floor(5 * random() ** 2)] ?? 'e',
  many: (random) => `shop-${Math.floor(40 * random() ** 3)}`,
};

/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The profile of so many rows of a column. */
export function drawn(draw: Draw, rows: number, random: () => number): ProfileColumn {
  return profiledColumn(Array.from({ length: rows }, () => draw(random)));
}

/** Which columns of a run have drift, of columns that each have a baseline. */
export function driftedColumns(
  pairs: readonly (readonly [baseline: ProfileColumn, current: ProfileColumn])[],
  thresholds: DriftThresholds,
): number[] {
  const measured = pairs.map(([baseline, current]) => {
    const column = compareColumns(baseline, current);
    if (typeof column === 'string') throw new Error(column);
    return { metrics: column.metrics, thresholds };
  });
  return judgeDrift(measured).flatMap((metrics, index) =>
    metrics.some(({ drifted }) => drifted) ? [index] : [],
  );
}

/** By Box and Muller. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
