import type { ReportDrift } from '@shardmill/client/report';

/** A feature with drift, one without, and one that could not be compared. */
export const sampleDrift: ReportDrift = {
  severity: 'warn',
  baseline: {
    uri: 's3://models/churn-baseline.json',
    runId: '20261001T090000Z-5d0c1a77',
    sha256: '9f'.repeat(32),
  },
  columns: [
    {
      name: 'tenure',
      of: 'feature',
      type: 'float32',
      baseline: 20_000,
      current: 5_000_000,
      metrics: [
        { metric: 'psi', value: 0.41, probability: 0, threshold: 0.2, drifted: true },
        { metric: 'js', value: 0.22, probability: 0 },
        { metric: 'chi2', value: 0.62, probability: 0 },
        { metric: 'ks', value: 0.24, probability: 0, threshold: 0.3, drifted: false },
        { metric: 'wasserstein', value: 0.55, probability: 0 },
      ],
      bins: [
        ...Array.from({ length: 10 }, (_, i) => ({
          kind: 'range' as const,
          from: 7 * i,
          to: 7 * (i + 1),
          baseline: 1990,
          current: 470_000 + (i - 5) * 60_000,
        })),
        { kind: 'beyond', baseline: 0, current: 590_000 },
        { kind: 'missing', baseline: 100, current: 10_000 },
      ],
    },
    {
      name: 'contract',
      of: 'feature',
      type: 'string',
      baseline: 20_000,
      current: 5_000_000,
      metrics: [
        { metric: 'psi', value: 0.01, probability: 0.04, threshold: 0.2, drifted: false },
        { metric: 'js', value: 0.03, probability: 0.04 },
        { metric: 'chi2', value: 0.09, probability: 0.04 },
      ],
      bins: [
        { kind: 'text', text: 'Month-to-month', baseline: 11_000, current: 2_700_000 },
        { kind: 'text', text: 'Two year', baseline: 5000, current: 1_200_000 },
        { kind: 'others', baseline: 4000, current: 1_000_000 },
        { kind: 'beyond', baseline: 0, current: 100_000 },
        { kind: 'missing', baseline: 0, current: 0 },
      ],
    },
    {
      name: 'comment',
      of: 'feature',
      type: 'string',
      baseline: 20_000,
      current: 5_000_000,
      metrics: [],
      bins: [],
      notCompared: 'the run has too many different texts, or long ones',
    },
  ],
};
