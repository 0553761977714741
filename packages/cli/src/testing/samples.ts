import { type Manifest, MANIFEST_FORMAT, type Plan, PLAN_FORMAT } from '@shardmill/core';
import type { RunProgress } from '@shardmill/client/local-run';
import type { Terminal } from '../terminal.js';
import { colorsFor, type Style } from '../ui/text/style.js';

// The tests of the client have the samples of a fleet.
export {
  sampleScheduler,
  sampleView,
  sampleWorker,
} from '../../../client/src/testing/fleet-samples.js';

/** Values for the tests of this package. */

export const PLAIN: Style = {
  colors: colorsFor({ isTTY: false, env: {}, argv: [] }),
  width: 80,
  cwd: '/data',
};

/** A terminal that keeps what is written to it. */
export function captureTerminal(
  cwd: string,
  live = false,
): Terminal & { readonly stdout: () => string; readonly stderr: () => string } {
  let stdout = '';
  let stderr = '';
  return {
    cwd,
    env: {},
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    own: (sequences) => sequences,
    outStyle: { ...PLAIN, cwd },
    errStyle: { ...PLAIN, cwd },
    live,
    stdout: () => stdout,
    stderr: () => stderr,
  };
}

export const samplePlan: Plan = {
  format: PLAN_FORMAT,
  runId: '20261122T050000Z-3f9a1c20',
  createdAt: '2026-11-22T05:00:00.000Z',
  digest: 'd'.repeat(64),
  job: { name: 'churn', params: { ds: '2026-11-22', ds_nodash: '20261122' } },
  mode: 'overwrite',
  notices: [],
  inputUris: ['/data/jobs/churn/customers.parquet'],
  scoring: {
    input: {
      columns: [
        { name: 'customer_id', type: 'VARCHAR' },
        { name: 'tenure', type: 'INTEGER' },
        { name: 'total_charges', type: 'DOUBLE' },
      ],
      used: ['customer_id', 'tenure', 'total_charges'],
      layouts: [[{ name: 'customer_id', type: 'VARCHAR' }]],
      partitionColumns: [],
      where: 'tenure > 0',
    },
    model: {
      uri: '/data/jobs/churn/model.onnx',
      sha256: '1b0df43dca3a70dbaa1e8e5c6b104eb854b840279f0f6888d235fe9a98b39ce5',
      bytes: 58_389,
      externalData: [],
      inputs: [
        { name: 'tenure', type: 'float32', shape: ['', 1] },
        { name: 'total_charges', type: 'float32', shape: [-1, 1] },
      ],
      outputs: [{ name: 'probabilities', type: 'float32', shape: [-1, 2] }],
    },
    features: [
      {
        input: 'tenure',
        type: 'float32',
        layout: 'scalars',
        width: 1,
        rowShape: [1],
        columns: [{ label: 'tenure', sql: 'CAST(tenure AS FLOAT)' }],
      },
      {
        input: 'total_charges',
        type: 'float32',
        layout: 'scalars',
        width: 1,
        rowShape: [1],
        columns: [{ label: 'coalesce(total_charges, 0)', sql: 'CAST(…)' }],
      },
    ],
    transform: null,
    nulls: 'reject',
    output: {
      uri: '/data/out/churn',
      columns: [
        { name: 'customer_id', type: 'VARCHAR', sql: 'customer_id' },
        { name: 'churn', type: 'FLOAT', sql: 'probabilities[2]' },
        { name: 'band', type: 'VARCHAR', sql: "case when churn > 0.8 then 'high' else 'low' end" },
      ],
      compression: 'zstd',
      rowGroupRows: 122_880,
    },
  },
  totals: {
    files: 1,
    rowGroups: 4,
    rows: 7043,
    prunedRows: 1000,
    prunedRowGroups: 1,
    shards: 1,
    parts: 1,
    bytes: 205_954,
    bytesToRead: 120_300,
  },
  pages: [{ shards: 1, sha256: 'a'.repeat(64) }],
};

export const sampleManifest: Manifest = {
  format: MANIFEST_FORMAT,
  runId: samplePlan.runId,
  planDigest: samplePlan.digest,
  job: samplePlan.job,
  createdAt: '2026-11-22T05:00:00.000Z',
  finishedAt: '2026-11-22T05:00:01.200Z',
  rows: { read: 7043, scored: 7032, rejected: 11, filtered: 0 },
  rejectedBudget: '1%',
  model: { uri: samplePlan.scoring.model.uri, sha256: samplePlan.scoring.model.sha256 },
  schema: samplePlan.scoring.output.columns.map(({ name, type }) => ({ name, type })),
  parts: [
    {
      key: `part-${samplePlan.runId}-000000-000000.parquet`,
      bytes: 84_100,
      sha256: 'b'.repeat(64),
      shard: 0,
      part: 0,
      rows: { read: 7043, scored: 7032, rejected: 11, filtered: 0 },
    },
  ],
  rejected: [
    {
      key: `_shardmill/${samplePlan.runId}/rejected/part-000000-000000`,
      bytes: 2000,
      sha256: 'c'.repeat(64),
      shard: 0,
      part: 0,
      rows: 11,
    },
  ],
  bytes: 84_100,
  statistics: {
    customer_id: { count: 7032, nulls: 0 },
    churn: {
      count: 7032,
      nulls: 0,
      nan: 0,
      infinite: 0,
      min: 0.004,
      max: 0.951,
      mean: 0.2653,
      deciles: [0.0116, 0.025, 0.05, 0.094, 0.162, 0.257, 0.379, 0.52, 0.682],
    },
  },
  seconds: { scan: 0.1, infer: 0.3, write: 0.1 },
  versions: { shardmill: '0.1.0' },
};

export const progressOf = (changes: Partial<RunProgress>): RunProgress => ({
  rowsPlanned: 7_043_000,
  rowsDone: 0,
  rowsScored: 0,
  rowsRejected: 0,
  rowsFiltered: 0,
  rowsResumed: 0,
  partsDone: 0,
  partsPlanned: 27,
  shardsFailed: 0,
  retries: 0,
  shrunkCalls: [],
  elapsedMs: 0,
  ...changes,
});
