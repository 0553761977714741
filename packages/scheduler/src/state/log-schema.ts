import { type ErrorCode, ERRORS, isRunId, type Job } from '@shardmill/core';
import { jobSchema, limitsSchema } from '@shardmill/core/schemas';
import { z } from 'zod';
import type { RunEvent } from './run-event.js';
import type { RunRequest } from './run-request.js';

/** The objects of the log of runs as they are stored. */

const RUN_FORMAT = 'shardmill-run/1';

const count = z.int().nonnegative();
export const rowCounts = z.strictObject({
  read: count,
  scored: count,
  rejected: count,
  filtered: count,
  truncated: count.optional(),
});
const budget = z.union([z.string(), z.number()]);

export const errorRecordSchema = z.strictObject({
  code: z.custom<ErrorCode>((code) => typeof code === 'string' && Object.hasOwn(ERRORS, code)),
  message: z.string(),
  where: z.string().optional(),
  remedy: z.string(),
});

/**
 * A job that has been JSON: a transform that was a function has only its columns left. The engine
 * loads it from the job file.
 */
export const storedJob = z.unknown().transform((value, context): Job => {
  const columns = functionColumns(value);
  const parsed = jobSchema.safeParse(
    columns === undefined ? value : { ...Object(value), transform: { columns, module: '-' } },
  );
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const message = `${issue?.path.map(String).join('.')}: ${issue?.message}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  const { transform } = parsed.data;
  return columns === undefined || transform === undefined
    ? parsed.data
    : { ...parsed.data, transform: { columns: transform.columns } };
});

/** The columns of a transform that names no module. */
function functionColumns(job: unknown): unknown {
  const transform: unknown = Reflect.get(Object(job), 'transform');
  const named = Reflect.get(Object(transform), 'module') !== undefined;
  return transform === undefined || named ? undefined : Reflect.get(Object(transform), 'columns');
}

const requestSchema = z.strictObject({
  format: z.literal(RUN_FORMAT),
  run: z.string(),
  submittedAt: z.string(),
  key: z.string().nullable(),
  job: storedJob,
  jobFile: z.string(),
  params: z.record(z.string(), z.string()),
  priority: z.int().min(0).max(100),
  failFast: z.boolean(),
  submittedBy: z.string(),
  parent: z.strictObject({ parent: z.string(), root: z.string().optional() }).optional(),
  tick: z.strictObject({ schedule: z.string(), id: z.string(), at: z.string() }).optional(),
});

const at = z.string();
const planRun = z.string().refine(isRunId, 'expected the id of a run');
const planDigest = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256');
const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('input-unchanged'),
    at,
    fingerprint: z.string(),
    since: z.string(),
  }),
  z.strictObject({ kind: z.literal('waited'), at, lacks: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('skipped'), at, error: errorRecordSchema }),
  z.strictObject({ kind: z.literal('planning'), at, planRun, planDigest }),
  z.strictObject({ kind: z.literal('planned'), at, planRun, planDigest: planDigest.optional() }),
  z.strictObject({ kind: z.literal('unplanned'), at }),
  z.strictObject({ kind: z.literal('cancel-asked'), at, by: z.string() }),
  z.strictObject({ kind: z.literal('cancelled'), at }),
  z.strictObject({ kind: z.literal('finalizing'), at }),
  z.strictObject({ kind: z.literal('finished'), at, rows: rowCounts }),
  z.strictObject({
    kind: z.literal('failed'),
    at,
    error: errorRecordSchema,
    shardsFailed: count,
  }),
  z.strictObject({
    kind: z.literal('reopened'),
    at,
    by: z.string(),
    maxRejectedRows: budget.nullable(),
    limits: limitsSchema.optional(),
  }),
]);

const collectedSchema = z.strictObject({ kind: z.literal('collected'), at });

const keySchema = z.strictObject({ key: z.string(), run: z.string(), work: z.string() });
/** What a user's key stands for; `work` is the digest of job and parameters. */
export type RunKey = z.output<typeof keySchema>;

/** @returns what is wrong with it as text where it is no request. */
export function parseRequest(value: unknown): RunRequest | string {
  const parsed = requestSchema.safeParse(value);
  if (!parsed.success) return explain(parsed.error);
  const { format: _, ...request } = parsed.data;
  return request;
}

export function parseEvent(value: unknown): RunEvent | string {
  const parsed = eventSchema.safeParse(value);
  return parsed.success ? parsed.data : explain(parsed.error);
}

/** When a log was closed, from its last entry; undefined for any other entry. */
export function parseCollected(value: unknown): string | undefined {
  return collectedSchema.safeParse(value).data?.at;
}

export function parseRunKey(value: unknown): RunKey | undefined {
  const parsed = keySchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** A request in its stored form. */
export function storedRequest(request: RunRequest): Record<string, unknown> {
  return { format: RUN_FORMAT, ...request, job: withoutFunctions(request.job) };
}

/** The job as JSON can hold it. */
export function withoutFunctions(job: Job): Job {
  if (job.transform?.apply === undefined) return job;
  return { ...job, transform: { columns: job.transform.columns } };
}

function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.map(String).join('.')}: ${issue?.message}`;
}
