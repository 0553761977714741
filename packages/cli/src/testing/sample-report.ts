import { type RunReport, runReportSchema } from '@shardmill/client/report';
import { sampleDrift } from './sample-drift.js';
import { sampleEvaluation } from './sample-evaluation.js';

const at = (seconds: number): string =>
  new Date(Date.parse('2026-11-22T05:00:00Z') + seconds * 1000).toISOString();

const points = (of: (x: number) => number): RunReport['columns'][number]['points'] =>
  Array.from({ length: 101 }, (_, i) => ({ value: i / 100, count: Math.round(of(i / 100)) }));

/** A run of a fleet in which everything happened that a report shows. */
export const sampleReport: RunReport = {
  schemaVersion: 1,
  runId: '20261122T050000Z-3f9a1c20',
  state: 'finished',
  submission: {
    run: '20261122T050000Z-3f9a1c20',
    submittedAt: at(0),
    submittedBy: 'ada@laptop',
    key: 'churn-2026-11-22',
    schedule: 'churn-daily',
  },
  job: { name: 'churn', params: { ds: '2026-11-22' } },
  output: 's3://results/churn/2026-11-22',
  inputs: ['s3://lake/customers/2026-11-22'],
  mode: 'overwrite',
  planDigest: '6139bbe8839e524afe99c34065c859b99aa265191aa5777e711a7b1ae7ed048b',
  plannedAt: at(2),
  finishedAt: at(190),
  error: null,
  model: {
    name: 'churn',
    version: 7,
    alias: 'production',
    uri: 's3://models/churn.onnx',
    sha256: '1b0df43dca3a70dbaa1e8e5c6b104eb854b840279f0f6888d235fe9a98b39ce5',
    bytes: 58_389,
  },
  challengers: [
    {
      name: 'next',
      uri: 's3://models/next.onnx',
      sha256: '5f'.repeat(32),
      share: 0.1,
      rows: { sampled: 3_999_000, scored: 3_998_900, failed: 100 },
      columns: [
        {
          kind: 'numbers',
          column: 'churn',
          challengerColumn: 'log_odds',
          compared: 3_998_900,
          meanDifference: 0.0152,
          meanAbsoluteDifference: 0.0313,
          largestDifference: 0.27,
          rankCorrelation: 0.9925,
          rankedRows: 5012,
          bands: {
            limits: [0.2, 0.5, 0.8],
            rows: [
              [1_418_150, 45_920, 0, 0],
              [15_930, 1_421_690, 59_950, 0],
              [0, 20_950, 443_930, 49_500],
              [0, 0, 16_980, 505_900],
            ],
            changed: 209_230,
          },
        },
        {
          kind: 'labels',
          column: 'band',
          challengerColumn: 'next_band',
          compared: 3_998_900,
          equal: 3_838_900,
        },
      ],
    },
  ],
  versions: { shardmill: '0.1.0', onnxruntime: '1.30.0', duckdb: '1.5.6', node: 'v20.20.0' },
  notices: ['column "tenure" is a BIGINT and becomes a FLOAT'],
  planned: { files: 12, rows: 40_000_000, prunedRows: 1000, shards: 40, parts: 400 },
  done: { shards: 40, parts: 400, bytes: 310_000_000 },
  rows: { read: 40_001_000, scored: 39_990_000, rejected: 10_000, filtered: 1000 },
  rejectedBudget: '0.1%',
  wallSeconds: null,
  usage: { pool: 'cpu', workerSeconds: 331.5, pricePerWorkerHour: 0.35, cost: 0.0322 },
  steps: { stage: 60, scanAndInfer: 900, infer: 640, write: 220, readBack: 45, publish: 20 },
  throughput: {
    from: at(5),
    to: at(185),
    parts: 390,
    rows: 39_000_000,
    untimedRows: 1_000_000,
    binSeconds: 3,
    bins: Array.from({ length: 60 }, (_, i) => (i > 24 && i < 30 ? 0 : 709_000 + 9000 * (i % 7))),
  },
  workers: ['gpu-a-7-41c2', 'gpu-b-7-9f01'].map((worker, index) => ({
    worker,
    shards: 20,
    rows: 20_000_000,
    busySeconds: 165 - index,
    busy: [
      [at(5), at(80)],
      [at(95), at(185)],
    ],
  })),
  slowestShards: Array.from({ length: 10 }, (_, i) => ({
    shard: 10 + i,
    rows: 1_000_000,
    seconds: 22 - i,
    rowsPerSecond: 1_000_000 / (22 - i),
    worker: 'gpu-a-7-41c2',
    failedAttempts: i === 0 ? 1 : 0,
  })),
  slowestParts: Array.from({ length: 10 }, (_, i) => ({
    shard: 10,
    part: i,
    rows: 100_000,
    seconds: 4 - i / 10,
    rowsPerSecond: 100_000 / (4 - i / 10),
    steps: { scanAndInfer: 3, write: 0.5 },
  })),
  retried: {
    shards: 1,
    list: [
      {
        shard: 10,
        outcome: 'done',
        round: null,
        attempts: [
          {
            worker: 'gpu-b-7-9f01',
            startedAt: at(70),
            endedAt: at(80),
            error: {
              code: 'ENGINE_OUT_OF_MEMORY',
              message: 'the engine process used 4100 MiB, its limit is 4096 MiB',
              where: 'shard 10: rows 0 to 999999 of s3://lake/customers/2026-11-22/0.parquet',
              remedy: 'Lower resources.lanes.',
            },
          },
        ],
      },
    ],
  },
  resumed: { parts: 10, rows: 1_000_000 },
  events: [
    { at: at(0), what: 'submitted', detail: 'by ada@laptop, with priority 50' },
    { at: at(2), what: 'planned', detail: 'plan 6139bbe8839e of run 20261122T050000Z-3f9a1c20' },
    { at: at(190), what: 'finished', detail: null },
  ],
  rejected: {
    rows: 10_000,
    files: ['s3://results/churn/2026-11-22/_shardmill/r/rejected/part-000000-000000'],
    columns: ['customer_id', 'total_charges', '_file', '_row'],
    reasons: [
      {
        reason: 'feature total_charges: "total_charges" is null or out of range',
        rows: 9000,
        examples: [
          ['4472-LVYGI', null, 's3://lake/customers/2026-11-22/0.parquet', '488'],
          ['3115-CZMZD', null, 's3://lake/customers/2026-11-22/0.parquet', '753'],
        ],
      },
      { reason: 'model: the sequence is too long', rows: 900, examples: [] },
    ],
    examplesMissing: null,
  },
  columns: [
    {
      name: 'churn',
      type: 'FLOAT',
      computed: true,
      rows: 39_990_000,
      nulls: 0,
      nan: 3,
      infinite: 0,
      min: 0,
      max: 1,
      mean: 0.2653,
      deciles: [0.0116, 0.025, 0.05, 0.094, 0.162, 0.257, 0.379, 0.52, 0.682],
      points: points((x) => 1e6 * (1 - x) ** 2),
    },
    {
      name: 'log_odds',
      type: 'DOUBLE',
      computed: true,
      rows: 39_990_000,
      nulls: 12,
      nan: 0,
      infinite: 4,
      min: 0,
      max: 1,
      mean: 0.5,
      deciles: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
      points: points((x) => 1e6 * Math.exp(-(((x - 0.5) * 6) ** 2))),
    },
    {
      name: 'customer_id',
      type: 'VARCHAR',
      computed: false,
      rows: 39_990_000,
      nulls: 0,
      nan: null,
      infinite: null,
      min: null,
      max: null,
      mean: null,
      deciles: [],
      points: [],
    },
  ],
  profile: {
    features: {
      sampling: { every: 8, rows: 5_000_000 },
      omitted: 2,
      columns: [
        {
          name: 'tenure',
          type: 'float32',
          kind: 'number',
          count: 5_000_000,
          nulls: 0,
          nan: 11,
          infinite: 0,
          distinct: { count: 73, exact: true },
          min: 0,
          max: 7200,
          mean: 32.4,
          standardDeviation: 24.6,
          histogram: Array.from({ length: 20 }, (_, i) => ({
            from: i * 3.6,
            to: i === 19 ? 7200 : (i + 1) * 3.6,
            count: 90_000 + 4000 * Math.abs(10 - i) ** 2,
          })),
          top: null,
        },
        {
          name: 'contract',
          type: 'string',
          kind: 'text',
          count: 5_000_000,
          nulls: 0,
          distinct: { count: 3, exact: true },
          top: [
            { value: 'Month-to-month', count: 2_700_000 },
            { value: 'Two year', count: 1_200_000 },
            { value: 'One year', count: 1_100_000 },
          ],
        },
        {
          name: 'promotion',
          type: 'float32',
          kind: 'number',
          count: 5_000_000,
          nulls: 5_000_000,
          nan: 0,
          infinite: 0,
          distinct: { count: 0, exact: true },
          min: null,
          max: null,
          mean: null,
          standardDeviation: null,
          histogram: [],
          top: [],
        },
      ],
    },
    outputs: {
      columns: [
        {
          name: 'band',
          type: 'VARCHAR',
          kind: 'text',
          count: 39_990_000,
          nulls: 0,
          distinct: { count: 2, exact: true },
          top: [
            { value: 'low', count: 33_000_000 },
            { value: 'high', count: 6_990_000 },
          ],
        },
      ],
    },
  },
  drift: sampleDrift,
  checks: [{ check: 'all-nan', column: 'stays', rows: 39_990_000 }],
  quality: {
    outcomes: [
      {
        name: 'scores-are-probabilities',
        kind: 'range',
        severity: 'fail',
        column: 'churn',
        observed: 'from 0 to 1',
        expected: 'from 0 to 1',
        passed: true,
        message: 'values of "churn" are from 0 to 1; expected from 0 to 1',
      },
      {
        name: 'enough-rows',
        kind: 'rowCount',
        severity: 'fail',
        observed: 39_990_000,
        expected: 'at least 50,000,000',
        passed: false,
        message:
          '39,990,000 rows were scored; expected at least 50,000,000, and from 26,700,000 to 60,000,000 (a factor of 1.5 around the median 40,000,000 of the last 5 runs)',
      },
    ],
    accepted: { by: 'ada', at: at(180), reason: 'A holiday in <most> of the countries.' },
  },
  evaluations: [sampleEvaluation],
};

/** A later run of the same job, with another model, fewer rows and one more column. */
export const laterReport: RunReport = {
  ...sampleReport,
  runId: '20261123T050000Z-77b0c0de',
  model: { ...sampleReport.model, sha256: 'c4'.repeat(32) },
  rows: { read: 30_001_000, scored: 30_000_000, rejected: 0, filtered: 1000 },
  steps: { stage: 55, scanAndInfer: 700, infer: 500, write: 160, publish: 20 },
  throughput: sampleReport.throughput && {
    ...sampleReport.throughput,
    to: at(125),
    binSeconds: 2,
    bins: Array.from({ length: 60 }, () => 500_000),
  },
  columns: sampleReport.columns.map((column) =>
    column.name === 'churn'
      ? { ...column, mean: 0.31, points: points((x) => 1e6 * (1 - x)) }
      : { ...column, name: column.name.replace('log_odds', 'odds') },
  ),
};

/** The same with texts that want to be markup, to be very long, or to hide what follows. */
export function hostileReport(): RunReport {
  const text = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\u202e\u0000${'x'.repeat(300)}`;
  const spoiled = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') {
      return /At$|^(at|from|to|state|outcome|check|code|kind|severity|task|alias|of|metric)$/.test(
        key,
      ) || /^\d{4}-/.test(value)
        ? value
        : value + text;
    }
    if (Array.isArray(value)) return value.map((item) => spoiled(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, spoiled(item, name)]),
    );
  };
  return runReportSchema.parse(spoiled(sampleReport));
}
