import { z } from 'zod';
import type { FleetEvent, ModelCalls } from './fleet-events.js';

const count = z.int().nonnegative();

export const modelCallsSchema = z.object({
  rows: count.nullable(),
  unit: z.enum(['row', 'token']),
  lanes: count,
}) satisfies z.ZodType<ModelCalls>;

const run = z.string();
const seconds = z.number().nonnegative();
const unfinishedSeconds = seconds.optional();

export const fleetEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run-changed'), run }),
  z.object({ kind: z.literal('schedule-changed'), schedule: z.string() }),
  z.object({
    kind: z.literal('shard-done'),
    run,
    shard: count,
    rows: z.object({ read: count, scored: count, rejected: count, filtered: count }),
    work: z.object({ workerSeconds: seconds, unfinishedSeconds: seconds }).optional(),
  }),
  z.object({ kind: z.literal('shard-failed'), run, shard: count, unfinishedSeconds }),
  z.object({
    kind: z.literal('shard-retried'),
    run,
    shard: count,
    code: z.string(),
    unfinishedSeconds,
  }),
  modelCallsSchema.extend({ kind: z.literal('calls-shrunk'), run }),
]) satisfies z.ZodType<FleetEvent>;
