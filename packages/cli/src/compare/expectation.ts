import { ShardmillError } from '@shardmill/core';
import { locationFrom } from '@shardmill/client/jobs';
import type { Expectation } from '@shardmill/client/compare';

/** Options of `validate`. */
export interface ExpectFlags {
  /** Scores to compare with. */
  readonly expect?: string | undefined;
  readonly key?: readonly string[] | undefined;
  readonly tolerance?: number | undefined;
}

const TOLERANCE = 1e-5;

/** @throws USAGE where the options are not complete */
export function expectationOf(
  { expect, key = [], tolerance }: ExpectFlags,
  cwd: string,
): Expectation | undefined {
  if (expect !== undefined && key.length > 0) {
    return { location: locationFrom(cwd, expect), keys: key, tolerance: tolerance ?? TOLERANCE };
  }
  if (expect === undefined && key.length === 0 && tolerance === undefined) return undefined;
  const message =
    expect === undefined
      ? '--key and --tolerance are about expected scores, and --expect was not given'
      : '--expect was given without --key';
  throw new ShardmillError('USAGE', message, {
    remedy: 'Give both: --expect scores.parquet --key id, a column that identifies a row.',
  });
}
