import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../errors/registry.js';
import { FAILURE_FORMAT } from '../formats.js';

const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

/** An error as it is stored; a code of a later version is read as INTERNAL. */
const errorFields = {
  code: z.enum(codes).catch('INTERNAL'),
  message: z.string(),
  where: z.string().optional(),
  remedy: z.string(),
};

/** One attempt that did not end in a record. */
export const attemptSchema = z.object({
  /** Id of the worker process. */
  worker: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  error: z.object(errorFields),
});

/** The durable note that a shard failed for good in one round of a run: the last error, and all before it. */
export const shardFailureSchema = z.object({
  format: z.literal(FAILURE_FORMAT),
  runId: z.string(),
  planDigest: z.string(),
  round: z.int().nonnegative(),
  shard: z.int().nonnegative(),
  ...errorFields,
  story: z.array(attemptSchema),
  /** Worker time of all attempts of the round; absent in notes of earlier versions. */
  unfinishedSeconds: z.number().nonnegative().optional(),
});

export type ShardFailure = z.output<typeof shardFailureSchema>;
