import { z } from 'zod';
import type { FleetProcess } from './presence.js';

const count = z.number().nonnegative();

const shared = {
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  startedAt: z.string(),
  seenAt: z.number(),
};

const task = z.object({
  run: z.string(),
  shard: z.int().nonnegative(),
  startedAt: z.string(),
  scored: count,
  rejected: count,
  filtered: count,
  workerSeconds: count.optional(),
});

const refusal = z.object({
  round: z.string(),
  shards: count,
  code: z.enum(['LOCATION_FORBIDDEN', 'MESSAGE_REFUSED']),
  reason: z.string(),
});

export const fleetProcessSchema = z.discriminatedUnion('kind', [
  z.object({ ...shared, kind: z.literal('scheduler'), runs: count }),
  z.object({
    ...shared,
    kind: z.literal('worker'),
    pool: z.string(),
    state: z.enum(['taking', 'draining']),
    concurrency: count,
    residentBytes: count,
    rowsPerSecond: count,
    shardsDone: count,
    providers: z.array(z.string()),
    tasks: z.array(task),
    // Earlier versions do not say.
    refusals: z.array(refusal).default([]),
  }),
]) satisfies z.ZodType<FleetProcess>;
