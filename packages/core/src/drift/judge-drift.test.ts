import { describe, expect, it } from 'vitest';
import { judgeDrift } from './judge-drift.js';

const psi = (value: number, probability: number) => ({
  metrics: [{ metric: 'psi' as const, value, probability }],
  thresholds: { psi: 0.2 },
});

describe('the drift of a run', () => {
  it('is what is above its threshold and not by chance', () => {
    expect(
      judgeDrift([psi(0.3, 1e-9), psi(0.1, 1e-9), psi(0.3, 0.2)]).map(
        ([metric]) => metric?.drifted,
      ),
    ).toEqual([true, false, false]);
  });

  it('takes a smaller probability for each of more comparisons', () => {
    const one = psi(0.3, 0.002);
    expect(judgeDrift([one])[0]?.[0]?.drifted).toBe(true);
    expect(judgeDrift(Array.from({ length: 30 }, () => one))[0]?.[0]?.drifted).toBe(false);
  });

  it('is measured, and not judged, where there is no threshold', () => {
    const metrics = [{ metric: 'ks' as const, value: 0.9, probability: 0 }];
    expect(judgeDrift([{ metrics, thresholds: { psi: 0.2 } }])).toEqual([metrics]);
  });
});
