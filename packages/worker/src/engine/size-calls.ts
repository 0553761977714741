import type { ExecutionProvider } from '@shardmill/core';
import { rowTokens } from '../text/row-tokens.js';
import { featureRowBytes } from '../onnx/row-bytes.js';
import { fixedBatch } from '../model/fixed-batch.js';
import { CallSize } from '../infer/call-size.js';
import type { LanePool } from '../lane/lane-pool.js';
import type { RunSettings } from '../part/run-settings.js';
import { deviceKey } from './device-key.js';
import {
  type KnownCalls,
  type KnownCallsKey,
  readKnownCalls,
  rememberKnownCalls,
} from './known-calls.js';
import type { LaneSettings, OpenedRun } from './protocol.js';

/** The rest is for DuckDB, and for what an allocation takes beyond what was asked for. */
const CALLS_SHARE = 0.7;
/** Sizes of cheaper calls are found again quickly, and their measurements are noisy. */
const MIN_KEPT_CALL_MS = 20;

/**
 * Decides how the lanes of a run come to the rows of a call: by those that the job or the command
 * line gives, or by a search that begins with what other processes have learned and keeps what this
 * one learns.
 */
export async function sizeCalls(
  pool: LanePool,
  settings: RunSettings & LaneSettings,
  { lanes, providers: [provider = 'cpu'] }: Pick<OpenedRun, 'lanes' | 'providers'>,
  cacheFolder: string,
): Promise<void> {
  const { scoring, batchRows, tuneCalls, memoryLimitBytes } = settings;
  const onDevice = provider !== 'cpu';
  const key = await callsKey(settings, provider, lanes);
  const known = await readKnownCalls(cacheFolder, key, new Date());
  // Writes run one after the other: each adds to what is kept.
  let written = Promise.resolve();
  const remember = (learned: KnownCalls): void => {
    written = written.then(() => rememberKnownCalls(cacheFolder, key, learned, new Date()));
  };
  pool.calls.onSafeRows = (safeRows) => remember({ safeRows });
  if (known.safeRows !== undefined) pool.calls.limit(known.safeRows);
  if (settings.maxCallRows !== undefined) {
    pool.calls.limit(settings.maxCallRows);
    remember({ safeRows: settings.maxCallRows });
  }
  // The one place where a number of rows that is given takes precedence over the search.
  if (!tuneCalls) return pool.calls.use(undefined);
  // Rows of texts are of many lengths: their tokens are counted, from one row of the greatest length on.
  const tokens = rowTokens(scoring);
  const fixedRows = fixedBatch(scoring.model.inputs);
  const callSize = new CallSize(
    {
      maxRows: batchRows * (tokens ?? 1),
      startRows: tokens,
      fixedRows: fixedRows === undefined ? undefined : fixedRows * (tokens ?? 1),
      lanes,
      memoryBytes: memoryLimitBytes * CALLS_SHARE,
      onDevice,
      known: known.call,
    },
    process.memoryUsage.rss(),
  );
  callSize.onSettled = (call) => {
    if (onDevice || call.callMs >= MIN_KEPT_CALL_MS) remember({ call });
  };
  pool.calls.use(callSize);
}

/** What the calls of a run depend on. */
export async function callsKey(
  settings: RunSettings & LaneSettings,
  provider: ExecutionProvider,
  lanes: number,
): Promise<KnownCallsKey> {
  const { scoring, threadsPerLane, memoryLimitBytes } = settings;
  return {
    model: scoring.model.sha256,
    provider,
    device: await deviceKey(provider),
    lanes,
    threads: threadsPerLane,
    rowBytes: featureRowBytes(scoring.features),
    ...(scoring.text !== undefined && { unit: 'tokens' as const }),
    ...(settings.treeKernel === 'off' && { treeKernel: 'off' as const }),
    memoryBytes: provider === 'cpu' ? memoryLimitBytes : 0,
  };
}
