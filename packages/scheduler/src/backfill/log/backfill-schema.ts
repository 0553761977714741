import { OUTPUT_MODES } from '@shardmill/core';
import { z } from 'zod';
import {
  errorRecordSchema,
  rowCounts,
  storedJob,
  withoutFunctions,
} from '../../state/log-schema.js';
import type { BackfillEvent, DateOutcome } from './backfill-event.js';
import type { BackfillRequest } from './backfill-request.js';

/** The objects of a backfill as they are stored. */

const BACKFILL_FORMAT = 'shardmill-backfill/1';

const instant = z.iso.datetime();
const mode = z.enum(OUTPUT_MODES);
const end = z.enum(['finished', 'failed', 'cancelled']);
const outcome = z.enum(['finished', 'failed', 'cancelled', 'skipped']);

const requestSchema = z.strictObject({
  format: z.literal(BACKFILL_FORMAT),
  id: z.string(),
  submittedAt: instant,
  submittedBy: z.string(),
  job: storedJob,
  jobFile: z.string(),
  params: z.record(z.string(), z.string()),
  priority: z.int().min(0).max(100),
  failFast: z.boolean(),
  place: z.enum(['fleet', 'local']),
  range: z.strictObject({
    from: z.string(),
    to: z.string(),
    every: z.string(),
    reprocess: z.enum(['missing', 'failed', 'all']),
  }),
  maxActive: z.int().positive(),
  dates: z.array(
    z.strictObject({
      ts: instant,
      start: instant,
      end: instant,
      mode,
      replaces: z.string().nullable(),
    }),
  ),
});

const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cancel-asked'), at: instant, by: z.string() }),
  z.strictObject({ kind: z.literal('ended'), at: instant, outcome: end }),
  z.strictObject({ kind: z.literal('reopened'), at: instant, by: z.string() }),
]);

const outcomeSchema = z.strictObject({
  outcome,
  at: instant,
  run: z.string(),
  runRound: z.int().nonnegative(),
  rows: rowCounts.nullable(),
  seconds: z.number().nullable(),
  error: errorRecordSchema.nullable(),
});

/** @returns what is wrong with it as text where it is none. */
export function parseBackfillRequest(value: unknown): BackfillRequest | string {
  const parsed = requestSchema.safeParse(value);
  if (!parsed.success) return explain(parsed.error);
  const { format: _, ...request } = parsed.data;
  return request;
}

export function storedBackfill(request: BackfillRequest): Record<string, unknown> {
  return { format: BACKFILL_FORMAT, ...request, job: withoutFunctions(request.job) };
}

/** @returns what is wrong with it as text where it is none. */
export function parseBackfillEvent(value: unknown): BackfillEvent | string {
  const parsed = eventSchema.safeParse(value);
  return parsed.success ? parsed.data : explain(parsed.error);
}

/** @returns what is wrong with it as text where it is none. */
export function parseOutcome(value: unknown): DateOutcome | string {
  const parsed = outcomeSchema.safeParse(value);
  return parsed.success ? parsed.data : explain(parsed.error);
}

function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.map(String).join('.')}: ${issue?.message}`;
}
