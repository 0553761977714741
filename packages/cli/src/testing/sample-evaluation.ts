import type { EvaluationDocument } from '@shardmill/client/document-schemas';

const DECILES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** @param slope how fast positives become fewer. */
const score = (column: string, slope: number): EvaluationDocument['scores'][number] => ({
  column,
  type: 'FLOAT',
  rows: 6_690,
  missing: 12,
  binary: {
    positives: 1_780,
    auc: 0.5 + slope,
    averagePrecision: 0.66,
    logLoss: 0.41,
    brierScore: 0.13,
    calibrationError: 0.012,
    calibration: DECILES.map((_, i) => ({
      from: i / 10,
      to: (i + 1) / 10,
      rows: 669,
      meanScore: i / 10 + 0.05,
      observed: Math.min(1, (i / 10) * (1 + slope / 4)),
    })),
    lift: DECILES.map((decile) => ({
      decile,
      rows: 669,
      leastScore: 1 - decile / 10,
      meanScore: 1.05 - decile / 10,
      positives: 669 * Math.max(0, 0.8 - decile * slope * 0.2),
      rate: Math.max(0, 0.8 - decile * slope * 0.2),
      lift: Math.max(0, 0.8 - decile * slope * 0.2) / 0.266,
      captured: decile / 10,
    })),
    confusion: {
      threshold: 0.5,
      truePositives: 1_000,
      falsePositives: 480,
      trueNegatives: 4_430,
      falseNegatives: 780,
      accuracy: 0.81,
      precision: 0.68,
      recall: 0.56,
      f1: 0.61,
    },
  },
});

/** Two columns of scores of a run against labels. */
export const sampleEvaluation: EvaluationDocument = {
  schemaVersion: 1,
  id: '5cb8aaa71de03a09',
  evaluatedAt: '2026-12-22T09:00:00.000Z',
  runId: '20261122T050000Z-3f9a1c20',
  job: { name: 'churn', params: { ds: '2026-11-22' } },
  output: 's3://results/churn/2026-11-22',
  model: { uri: 's3://models/churn.onnx', sha256: '1b'.repeat(32) },
  labels: {
    uri: 's3://lake/left/2026-12.parquet',
    files: 1,
    bytes: 48_000,
    keys: ['customer_id'],
    column: 'left',
    type: 'BOOLEAN',
  },
  task: 'binary',
  positive: null,
  rows: {
    results: 7_043,
    labels: 6_702,
    joined: 6_702,
    withoutLabel: 341,
    withoutResult: 0,
    nullKeys: { results: 0, labels: 0 },
    nullLabels: 0,
  },
  scores: [score('churn', 0.35), score('challenger', 0.37)],
};
