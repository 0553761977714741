import type { ExecutionProvider } from '@shardmill/core';
import { CHUNK_ROWS } from '../duckdb/raw-vector.js';
import { runModelBytes } from '../model/model-bytes.js';
import type { RunSettings } from './run-settings.js';
import { whyNotSinglePass } from './single-pass/eligibility.js';

/**
 * How the parts of a run are written: all in two passes; or each in a single pass, where that is a
 * gain by measurement or wherever it is possible.
 */
export type PartWriterKind = 'two-pass' | 'single-pass-where-faster' | 'single-pass-where-possible';

/**
 * A lane has the models once more for its single passes. Next to what a larger one computes, the
 * two passes are nothing.
 */
export const MAX_SINGLE_PASS_BYTES = 32 * 2 ** 20;

/** What is known of the lanes once the model is loaded. */
export interface WriterLanes {
  /** What computes the model. */
  readonly provider: ExecutionProvider | undefined;
  /** The most rows of one call that fit in memory. */
  readonly safeRows: number;
}

/**
 * Decides, once for a run, how its parts are written.
 * @param lanes of the model, and of each challenger.
 */
export function chooseWriter(
  { scoring, tuneCalls, singlePass }: Pick<RunSettings, 'scoring' | 'tuneCalls' | 'singlePass'>,
  lanes: readonly WriterLanes[],
): PartWriterKind {
  // Calls are of what DuckDB has in a chunk: not of a number of rows that the job asks for.
  const possible =
    singlePass !== 'never' &&
    tuneCalls &&
    lanes.every(({ provider, safeRows }) => provider === 'cpu' && safeRows >= CHUNK_ROWS) &&
    runModelBytes(scoring) <= MAX_SINGLE_PASS_BYTES &&
    whyNotSinglePass(scoring) === undefined;
  if (!possible) return 'two-pass';
  return singlePass === 'always' ? 'single-pass-where-possible' : 'single-pass-where-faster';
}
