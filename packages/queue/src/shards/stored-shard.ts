import { isRunId } from '@shardmill/core';
import { jobSchema } from '@shardmill/core/schemas';
import { z } from 'zod';
import type { QueuedShard } from './shard-message.js';
import { attemptSchema } from '../views/view-schema.js';

const count = z.int().nonnegative();
const runId = z.string().refine(isRunId, 'expected the id of a run');
const {
  batchRows,
  batchTokens,
  lanes,
  threadsPerLane,
  memoryLimit,
  executionProviders,
  treeKernel,
} = jobSchema.shape.resources.unwrap().shape;

/** Left out of the stored form, which is then the one from before there was the option. */
const DEFAULT_DISK_FULL_WAIT_MS = 600_000;

/** The stored form, with a letter for each name: a queue holds a great many of them. */
const storedSchema = z.object({
  /** Version of this form. */
  v: z.literal(1),
  r: runId,
  /** Left out where it is the run itself. */
  p: runId.optional(),
  o: z.string().min(1),
  d: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256'),
  s: count,
  g: count,
  n: count,
  k: count.default(0),
  a: z.int().positive(),
  t: z.number().positive(),
  w: z.number().nonnegative().default(DEFAULT_DISK_FULL_WAIT_MS),
  x: z
    .object({
      b: batchRows,
      c: batchTokens,
      l: lanes,
      h: threadsPerLane,
      m: memoryLimit,
      e: executionProviders,
      t: treeKernel,
    })
    .default({}),
  f: z.array(attemptSchema).default([]),
  /** Seconds; left out where there are none. */
  u: z.number().nonnegative().optional(),
});
type StoredShard = z.input<typeof storedSchema>;

/** JSON, as short as it can be read with ease. */
export function encodeShard({ message, failed, unfinishedSeconds }: QueuedShard): StoredShard {
  const { resources } = message;
  const settings = {
    b: resources.batchRows,
    c: resources.batchTokens,
    l: resources.lanes,
    h: resources.threadsPerLane,
    m: resources.memoryLimit,
    e: resources.executionProviders,
    t: resources.treeKernel,
  };
  return {
    v: 1,
    r: message.run,
    ...(message.planRun === message.run ? {} : { p: message.planRun }),
    o: message.output,
    d: message.planDigest,
    s: message.shard,
    g: message.page,
    n: message.rows,
    ...(message.round === 0 ? {} : { k: message.round }),
    a: message.attempts,
    t: message.partTimeoutMs,
    ...(message.diskFullWaitMs === DEFAULT_DISK_FULL_WAIT_MS ? {} : { w: message.diskFullWaitMs }),
    ...(Object.values(settings).every((value) => value === undefined) ? {} : { x: settings }),
    ...(failed.length === 0 ? {} : { f: [...failed] }),
    ...(unfinishedSeconds === undefined ? {} : { u: unfinishedSeconds }),
  };
}

/** @returns in `unreadable` what is wrong with a text that is not a stored shard. */
export function decodeShard(text: string): QueuedShard | { readonly unreadable: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { unreadable: 'not JSON' };
  }
  const parsed = storedSchema.safeParse(json);
  if (!parsed.success) return { unreadable: z.prettifyError(parsed.error) };
  const stored = parsed.data;
  const resources = {
    batchRows: stored.x.b,
    batchTokens: stored.x.c,
    lanes: stored.x.l,
    threadsPerLane: stored.x.h,
    memoryLimit: stored.x.m,
    executionProviders: stored.x.e,
    treeKernel: stored.x.t,
  };
  return {
    message: {
      run: stored.r,
      planRun: stored.p ?? stored.r,
      output: stored.o,
      planDigest: stored.d,
      shard: stored.s,
      page: stored.g,
      rows: stored.n,
      round: stored.k,
      attempts: stored.a,
      partTimeoutMs: stored.t,
      diskFullWaitMs: stored.w,
      resources,
    },
    failed: stored.f,
    ...(stored.u !== undefined && { unfinishedSeconds: stored.u }),
  };
}
