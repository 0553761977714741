import { runUsageSchema, shardFailureSchema } from '@shardmill/core/schemas';
import { z } from 'zod';
import { modelCallsSchema } from '../events/events-schema.js';
import type { RunView } from './run-view.js';

const count = z.number().nonnegative();

/** As attempts are stored everywhere: an error code of a later version is read as INTERNAL. */
export const attemptSchema = shardFailureSchema.shape.story.element;

export const runViewSchema = z.object({
  run: z.string(),
  job: z.string(),
  state: z.enum([
    'waiting',
    'submitted',
    'planning',
    'running',
    'finalizing',
    'cancelling',
    'finished',
    'failed',
    'cancelled',
    'skipped',
  ]),
  pool: z.string(),
  output: z.string(),
  planRun: z.string().nullable(),
  submittedAt: z.string(),
  endedAt: z.string().nullable(),
  at: z.number(),
  rowsPlanned: count,
  rowsDone: count,
  rowsScored: count,
  rowsRejected: count,
  rowsFiltered: count,
  shards: z.object({
    planned: count,
    done: count,
    failed: count,
    active: count,
    waiting: count,
    delayed: count,
  }),
  retries: count,
  usage: runUsageSchema
    .nullable()
    .default(null)
    .describe('What it has used so far, in-flight shards included.'),
  memory: modelCallsSchema.extend({ times: count }).nullable().default(null),
  workers: count,
  error: attemptSchema.shape.error.nullable(),
  notice: z.string().nullable(),
  inputWait: z
    .object({
      conditions: z.array(z.string()),
      since: z.string(),
      until: z.string(),
      onTimeout: z.enum(['fail', 'skip', 'run']),
      lacks: z.array(z.string()).nullable(),
      lookedAt: z.string().nullable(),
    })
    .nullable()
    .default(null),
}) satisfies z.ZodType<RunView>;
