import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { profiledColumn } from '../testing/profiled-column.js';
import { compareColumns } from './compare-columns.js';

/** What `fixtures/record_scipy_values.py` recorded. */
const recorded = z.object({
  cases: z.record(
    z.string(),
    z.object({
      baseline: z.array(z.union([z.number(), z.string()]).nullable()),
      current: z.array(z.union([z.number(), z.string()]).nullable()),
      bins: z.array(z.tuple([z.number(), z.number()])),
      psi: z.number(),
      js: z.number(),
      chi2: z.number(),
      chi2Probability: z.number(),
      ks: z.number().optional(),
      ksProbability: z.number().optional(),
      wasserstein: z.number().optional(),
    }),
  ),
});
const file = new URL('./fixtures/scipy-values.json', import.meta.url);
const cases = Object.entries(recorded.parse(JSON.parse(readFileSync(file, 'utf8'))).cases);

describe('drift', () => {
  it.each(cases)('of %s is what scipy says', (_, { baseline, current, bins, ...said }) => {
    const measured = compareColumns(profiledColumn(baseline), profiledColumn(current));
    if (typeof measured === 'string') throw new Error(measured);
    const metrics = new Map(measured.metrics.map((metric) => [metric.metric, metric]));
    // Of many different numbers the sketches have buckets: a few rows lie on the other side of an edge.
    const isExact = new Set(baseline).size <= 200 && new Set(current).size <= 200;
    const digits = isExact ? 9 : 1.5;
    if (isExact) expect(measured.bins.map((bin) => [bin.baseline, bin.current])).toEqual(bins);
    for (const name of ['psi', 'js', 'chi2'] as const) {
      expect(metrics.get(name)?.value).toBeCloseTo(said[name], digits);
      if (isExact) expect(metrics.get(name)?.probability).toBeCloseTo(said.chi2Probability, 9);
    }
    expect([...metrics.keys()].length).toBe(said.ks === undefined ? 3 : 5);
    if (said.ks === undefined || said.wasserstein === undefined) return;
    expect(metrics.get('ks')?.value).toBeCloseTo(said.ks, digits);
    if (isExact) expect(metrics.get('ks')?.probability).toBeCloseTo(said.ksProbability ?? -1, 9);
    expect(metrics.get('wasserstein')?.value).toBeCloseTo(said.wasserstein, digits);
  });
});
