import { z } from 'zod';
import { MAX_ALLOWED_FOOTER_BYTES } from '../parquet/footer-limits.js';
import {
  ATTEMPTS,
  BUDGET_MESSAGE,
  COUNT,
  FEATURE_WIDTH,
  isMemorySize,
  isRowBudget,
  LANES,
  MEMORY_MESSAGE,
  PART_ROWS,
  ROW_GROUP_ROWS,
  ROWS_PER_CALL,
  TOKENS_PER_CALL,
  SHARD_PARTS,
  THREADS_PER_LANE,
  wholeNumberFrom,
} from './bounds.js';
import { jobDriftSchema } from './quality/drift-schema.js';
import { checksSchema } from './quality/checks-schema.js';
import { challengersSchema } from './model/challenger-schema.js';
import { durationSchema } from './values/duration-schema.js';
import { fileSizeSchema } from './values/file-size-schema.js';
import { imageFeature } from './features/image-feature-schema.js';
import { limitsSchema } from './limits-schema.js';
import { modelFields } from './model/model-schema.js';
import { notifySchema } from './schedule/notify-schema.js';
import { OUTPUT_MODES, whyNotMode } from './output-mode.js';
import { jobProfileSchema } from './quality/profile-schema.js';
import { scheduleSchema } from './schedule/schedule-schema.js';
import { sql } from './values/sql-schema.js';
import { tokenizedText } from './features/tokenized-text-schema.js';
import { parseBytes } from './values/units.js';
import { waitForSchema } from './schedule/wait-for-schema.js';
import { whole } from './values/whole-schema.js';

/**
 * The job definition as a user writes it, in TypeScript, YAML or JSON. The published JSON Schema
 * (`schema/job.schema.json`) is made from this one; `docs/job-definition.md` explains each option.
 * Strings may hold templates, such as `{{ ds - 1d | yyyy/MM }}`, filled in from the parameters.
 */

/** Names of ONNX Runtime's execution providers, as onnxruntime-node takes them. */
export const executionProviders = ['cpu', 'cuda', 'tensorrt', 'dml', 'coreml', 'webgpu'] as const;
export type ExecutionProvider = (typeof executionProviders)[number];

const feature = z
  .union([
    sql,
    z.array(sql).min(1),
    z.strictObject({
      sql: z.union([sql, z.array(sql).min(1)]),
      width: whole(FEATURE_WIDTH)
        .optional()
        .describe('Elements per row of a list column, where the model does not fix them.'),
      shape: z
        .array(whole(FEATURE_WIDTH))
        .min(1)
        .optional()
        .describe('Dimensions after the batch, where the model leaves more than one open.'),
    }),
    imageFeature,
    tokenizedText,
  ])
  .describe(
    'One expression for an [N], [N, 1] or list input, several for a packed [N, F] input; for the tokens of a text, what to tokenize and how; for images, which and how.',
  );

const parameter = z
  .strictObject({
    type: z.enum(['string', 'int', 'number', 'bool', 'date', 'timestamp']).default('string'),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    description: z.string().optional(),
  })
  .describe('A value given at submission with --param NAME=VALUE.');

const transform = z
  .strictObject({
    columns: z
      .union([z.array(sql).min(1), z.record(z.string(), sql)])
      .describe('What the function gets: column names, or names with SQL expressions.'),
    apply: z
      .custom<TransformFunction>((value) => typeof value === 'function', 'expected a function')
      .optional()
      .describe('TypeScript only: (batch: RecordBatch) => RecordBatch.'),
    module: z
      .string()
      .optional()
      .describe('YAML and JSON: a module, relative to the job file, whose default export it is.'),
  })
  .refine((t) => (t.apply === undefined) !== (t.module === undefined), {
    message: 'expected either apply (a function) or module (a path)',
  })
  .describe('A code hook before inference: one Arrow record batch in, one out, row for row.');

/** `200000000`, `'700MB'`, `'2GiB'`, `'60%'` of the memory that this process may use. */
const memorySize = z
  .union(
    [
      z.int(MEMORY_MESSAGE).positive(MEMORY_MESSAGE),
      z.string().regex(/^\d+(\.\d+)?\s*(%|[KMGT]i?B)$/, MEMORY_MESSAGE),
    ],
    MEMORY_MESSAGE,
  )
  .refine(isMemorySize, MEMORY_MESSAGE);

const FOOTER_MESSAGE = 'expected a size from "1KiB" to "1GiB", such as "64MiB"';
const FOOTER_SIZE = /^\d+(\.\d+)?\s*[KMG]i?B$/;
/** `67108864` or `'64MiB'`, at most a gibibyte. */
const footerSize = z
  .union(
    [z.int(FOOTER_MESSAGE).positive(FOOTER_MESSAGE), z.string().regex(FOOTER_SIZE, FOOTER_MESSAGE)],
    FOOTER_MESSAGE,
  )
  .refine((size) => {
    if (typeof size === 'string' && !FOOTER_SIZE.test(size)) return false;
    const bytes = parseBytes(size, 0);
    return bytes >= 1024 && bytes <= MAX_ALLOWED_FOOTER_BYTES;
  }, FOOTER_MESSAGE);

/** A count of rows, or a percentage of the rows read. */
const rowBudget = z
  .union(
    [
      z.int(BUDGET_MESSAGE).nonnegative(BUDGET_MESSAGE),
      z.string().regex(/^(\d+|\d+(\.\d+)?\s*%)$/, BUDGET_MESSAGE),
    ],
    BUDGET_MESSAGE,
  )
  .refine(isRowBudget, BUDGET_MESSAGE);

const VERSION_MESSAGE = wholeNumberFrom(COUNT);
/** `12`, or a template that gives it. */
const tableVersion = z.union(
  [whole(COUNT), z.string().regex(/^(\d{1,15}|.*\{\{.+\}\}.*)$/, VERSION_MESSAGE)],
  VERSION_MESSAGE,
);

export const jobSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'expected lower-case letters, digits, - and _'),
    description: z.string().optional(),
    params: z.record(z.string().regex(/^[A-Za-z_]\w*$/), parameter).default({}),
    input: z.strictObject({
      uri: z
        .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
        .describe('A file, a folder, or a glob; a relative path starts at the job file.'),
      where: sql.optional().describe('Rows for which this is not true are filtered out.'),
      hivePartitioning: z
        .boolean()
        .default(true)
        .describe('Take `name=value` folders below the input as columns.'),
      missingColumns: z
        .enum(['fail', 'null'])
        .default('fail')
        .describe('What to do where a file lacks a column that other files have.'),
      maxFooter: footerSize
        .optional()
        .describe(
          'A file with a larger footer is refused before it is parsed; 64MiB where left out.',
        ),
      waitFor: waitForSchema.optional(),
      version: tableVersion
        .optional()
        .describe('The version of a Delta Lake table; its current one where left out.'),
      timestamp: z
        .string()
        .min(1)
        .optional()
        .describe('The version of a Delta Lake table that was current at this time (ISO 8601).'),
    }),
    model: z.strictObject({
      ...modelFields,
      batching: z
        .strictObject({ rows: whole(ROWS_PER_CALL) })
        .optional()
        .describe('Rows of every call, for a model whose score of a row depends on the others.'),
    }),
    challengers: challengersSchema(feature)
      .optional()
      .describe("Models that score beside the job's own, to be compared with it."),
    features: z
      .record(z.string(), feature)
      .default({})
      .describe('ONNX input to SQL; inputs left out are matched with columns by name.'),
    transform: transform.optional(),
    nulls: z
      .enum(['reject', 'nan', 'fail'])
      .default('reject')
      .describe('What becomes of a row with a null feature.'),
    output: z.strictObject({
      uri: z.string().min(1),
      columns: z
        .record(z.string().min(1), sql)
        .default({})
        .describe('Output column to SQL over input columns, model outputs and earlier columns.'),
      passThrough: z
        .union([z.literal('*'), z.array(z.string().min(1))])
        .default([])
        .describe("Input columns to hand on unchanged, before `columns`; '*' for all."),
      mode: z.enum(OUTPUT_MODES).default('create'),
      table: z
        .literal('delta')
        .optional()
        .describe('The output is a Delta Lake table, to which the run is one commit.'),
      partitionBy: z
        .array(z.string().min(1))
        .min(1)
        .max(8)
        .optional()
        .describe("Output columns whose values divide the rows into folders, in Hive's layout."),
      compression: z.enum(['zstd', 'snappy', 'uncompressed']).default('zstd'),
      rowGroupRows: whole(ROW_GROUP_ROWS).default(122_880),
      targetFileBytes: fileSizeSchema
        .optional()
        .describe('About how large a file is to be; plan.partRows comes before it.'),
    }),
    errors: z
      .strictObject({
        maxRejectedRows: rowBudget.default(0),
        attempts: whole(ATTEMPTS).default(3),
        partTimeout: durationSchema('1ms').default('1h'),
        diskFullWait: durationSchema('0ms')
          .default('10m')
          .describe('How long a full disk is waited for before attempts are spent on it.'),
      })
      .prefault({}),
    limits: limitsSchema.optional(),
    plan: z
      .strictObject({
        partRows: whole(PART_ROWS)
          .optional()
          .describe('Rows per part, about; where left out, at most a minute of work on one lane.'),
        shardParts: whole(SHARD_PARTS).default(4),
      })
      .prefault({}),
    resources: z
      .strictObject({
        pool: z
          .string()
          .regex(/^[a-z0-9][a-z0-9_-]*$/)
          .default('cpu'),
        batchRows: whole(ROWS_PER_CALL).optional(),
        batchTokens: whole(TOKENS_PER_CALL)
          .optional()
          .describe('The most tokens of one call, with those that fill up shorter rows.'),
        lanes: whole(LANES).optional(),
        threadsPerLane: whole(THREADS_PER_LANE).optional(),
        memoryLimit: memorySize.optional(),
        executionProviders: z
          .array(z.enum(executionProviders))
          .min(1)
          .optional()
          .describe("Of ONNX Runtime, in the order of preference; ['cpu'] where left out."),
        treeKernel: z
          .enum(['auto', 'off'])
          .optional()
          .describe('Whether generated code may score tree ensembles; auto where left out.'),
      })
      .prefault({}),
    notify: notifySchema.optional(),
    profile: jobProfileSchema.optional(),
    drift: jobDriftSchema.optional(),
    checks: checksSchema.optional(),
    schedule: scheduleSchema.optional(),
  })
  .refine(
    (job) => Object.keys(job.output.columns).length > 0 || job.output.passThrough.length > 0,
    {
      path: ['output', 'columns'],
      message: 'expected at least one output column',
    },
  )
  .superRefine(({ output }, context) => {
    const fault = whyNotMode(output);
    if (fault === undefined) return;
    context.addIssue({ code: 'custom', path: ['output', 'mode'], message: fault });
  })
  .refine(({ input }) => input.version === undefined || input.timestamp === undefined, {
    path: ['input', 'timestamp'],
    message: 'expected either input.version or input.timestamp',
  })
  .refine(
    ({ model: { batching }, resources: { batchRows } }) =>
      batching === undefined || batchRows === undefined || batching.rows === batchRows,
    {
      path: ['resources', 'batchRows'],
      message: 'expected the same as model.batching.rows, or none',
    },
  )
  .refine(
    ({ features, resources: { batchTokens } }) =>
      batchTokens === undefined || Object.values(features).some(isMadeOfTokens),
    {
      path: ['resources', 'batchTokens'],
      message:
        'expected a feature with `tokenize`, whose rows have different numbers of tokens; rows of lists have the same: give batchRows for them',
    },
  )
  .refine(
    ({ model: { batching }, resources: { batchTokens } }) =>
      batching === undefined || batchTokens === undefined,
    {
      path: ['resources', 'batchTokens'],
      message: 'expected none beside model.batching, which fixes the rows of a call',
    },
  );

const isMadeOfTokens = (of: object | string): boolean => typeof of === 'object' && 'tokenize' in of;

/**
 * One Arrow record batch in, one out, with the same number of rows in the same order. Typed as
 * unknown here, so that a job without a transform does not load apache-arrow.
 */
export type TransformFunction = (batch: never) => unknown;

/** What a user writes. */
export type JobDefinition = z.input<typeof jobSchema>;
/** The same with defaults filled in. */
export type Job = z.output<typeof jobSchema>;
export type JobChallenger = NonNullable<Job['challengers']>[number];
export type Feature = z.output<typeof feature>;
export type JobParameter = z.output<typeof parameter>;

/** JSON Schema (draft 2020-12) of the definition, for editors and other tools. */
export function jobJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(jobSchema, {
      io: 'input',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        if (zodSchema !== transform) return;
        // A function can only be given in TypeScript.
        delete jsonSchema.properties?.['apply'];
        jsonSchema.required = ['columns', 'module'];
      },
    }),
    title: 'Shardmill job',
  };
}
