import { z } from 'zod';
import type { FleetEvent } from './fleet-events.js';

const count = z.int().nonnegative();
const run = z.string();

export const fleetEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run-changed'), run }),
  z.object({ kind: z.literal('schedule-changed'), schedule: z.string() }),
  z.object({
    kind: z.literal('shard-done'),
    run,
    shard: count,
    rows: z.object({ read: count, scored: count, rejected: count, filtered: count }),
  }),
  z.object({ kind: z.literal('shard-failed'), run, shard: count }),
  z.object({ kind: z.literal('shard-retried'), run, shard: count, code: z.string() }),
]) satisfies z.ZodType<FleetEvent>;
