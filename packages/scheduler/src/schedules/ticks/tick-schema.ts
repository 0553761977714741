import { z } from 'zod';
import { errorRecordSchema, rowCounts } from '../../state/log-schema.js';
import type { TickEvent } from './tick-event.js';

/** The events of a tick as they are stored. */

const at = z.iso.datetime();
const by = z.string();
const version = z.int().nonnegative();

export const tickEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('queued'),
    at,
    by,
    version,
    overlap: z.enum(['queue', 'replace']),
    late: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('started'),
    at,
    by,
    version,
    run: z.string(),
    attempt: z.int().positive(),
    round: z.int().nonnegative(),
    late: z.boolean(),
    local: z.string().nullable(),
  }),
  z.strictObject({
    kind: z.literal('skipped'),
    at,
    by,
    version,
    reason: z.enum(['overlap', 'missed', 'replaced', 'queue-full', 'removed']),
    through: z.iso.datetime(),
    ticks: z.int().positive().nullable(),
  }),
  z.strictObject({
    kind: z.literal('attempt-failed'),
    at,
    round: z.int().nonnegative(),
    error: errorRecordSchema,
    retryAt: z.iso.datetime(),
  }),
  z.strictObject({ kind: z.literal('overdue'), at, deadline: z.iso.datetime() }),
  z.strictObject({
    kind: z.literal('ended'),
    at,
    outcome: z.enum(['finished', 'failed', 'cancelled']),
    error: errorRecordSchema.nullable(),
    rows: rowCounts.nullable(),
  }),
]);

/** @returns what is wrong with it as text where it is none. */
export function parseTickEvent(value: unknown): TickEvent | string {
  const parsed = tickEventSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.map(String).join('.')}: ${issue?.message}`;
}
