import { z } from 'zod';
import { OUTPUT_MODES } from '../job/output-mode.js';
import { boundImage } from './bound/bound-image.js';
import { comparedKinds } from '../challengers/compared-kinds.js';
import { PLAN_FORMAT } from './formats.js';
import { plannedDrift } from './quality/planned-drift.js';
import { plannedChecks } from './quality/planned-checks.js';
import { plannedProfile } from './quality/planned-profile.js';
import { storedForms } from './stored-form.js';
import { tensorTypes } from './bound/tensor-type.js';

/**
 * The plan of a run as it is stored: `_shardmill/<runId>/plan.json` and its pages of shards. It
 * pins everything that decides a result: input files, row ranges, model, SQL. Two plans with one
 * `digest` give the same rows, whichever process works them.
 */

const count = z.int().nonnegative();

/** A column as DuckDB names its type (`DECIMAL(18,2)`, `VARCHAR`, `STRUCT(a INTEGER)`). */
const column = z.strictObject({ name: z.string(), type: z.string() });

/** A column of a file, with how its values are stored where DuckDB's type does not say it. */
const fileColumn = column.extend({ stored: z.enum(storedForms).optional() });

const tensor = z.strictObject({
  name: z.string(),
  type: z.enum(tensorTypes),
  /** Dimensions; a name or -1 where the model leaves one open. The first is the batch. */
  shape: z.array(z.union([z.int(), z.string()])),
});

const modelFile = z.strictObject({ uri: z.string(), sha256: z.string(), bytes: count });

/** How one ONNX input is filled from the scan's columns. */
const boundFeature = z.strictObject({
  input: z.string(),
  type: z.enum(tensorTypes),
  /**
   * `scalars`: one column per element, packed row-major; `list`: one list column per row;
   * `tokens`: the text's tokens, padded to `width` at most; `image`: one column of images, or of
   * where they lie.
   */
  layout: z.enum(['scalars', 'list', 'tokens', 'image']),
  /** Which values of the tokens: their ids, whose one or two texts are the columns; their mask; or their types. */
  tokens: z.enum(['ids', 'mask', 'types']).optional(),
  /** Given for the layout `image`. */
  image: boundImage.optional(),
  /** Elements per row: F, 1, or the product of the dimensions after the batch. */
  width: z.int().positive(),
  /** Dimensions after the batch; empty for an [N] input. */
  rowShape: z.array(z.int().positive()),
  /** SQL per column of the scan, cast to the tensor's type; `label` is for messages. */
  columns: z.array(z.strictObject({ label: z.string(), sql: z.string() })),
});

const pinnedFile = z.strictObject({
  uri: z.string(),
  bytes: count,
  /** Identity of the content: an ETag, or size, modification time and inode of a local file. */
  etag: z.string(),
  rows: count,
  /** Index into `input.layouts`. */
  layout: count,
  /** Values of the partition columns, in their order; null for the Hive default partition. */
  partition: z.array(z.string().nullable()),
});

/** A contiguous range of rows of one file; row numbers start at 0. */
const slice = z.strictObject({
  /** Index into the shard's `files`. */
  file: count,
  firstRow: count,
  rows: count,
  firstRowGroup: count,
  rowGroups: count,
});

/** Parts are numbered within their shard, from 0; one without slices has no rows. */
const plannedPart = z.strictObject({ part: count, rows: count, slices: z.array(slice) });
const plannedShard = z.strictObject({
  shard: count,
  rows: count,
  files: z.array(pinnedFile),
  parts: z.array(plannedPart).min(1),
});

/** How the text of a row becomes tokens. */
const text = z.strictObject({
  tokenizer: modelFile,
  /** The most tokens of a row. */
  maxLength: z.int().positive(),
  tooLong: z.enum(['truncate', 'reject']),
  /** Whether the tokens are those of two texts. */
  pair: z.literal(true).optional(),
  /** Tokens to which every row is padded, where the model fixes them. */
  fixedLength: z.int().positive().optional(),
});

/** An output that is made of one of the model's: [rows, tokens, width] becomes [rows, width]. */
const pooling = z.strictObject({
  /** The model's output. */
  of: z.string(),
  /** `none`: it has one vector per row already. */
  by: z.enum(['mean', 'max', 'cls', 'none']),
  /** Whether each vector is divided by its length. */
  normalize: z.boolean(),
  /**
   * The vectors as whole numbers of 8 bits, their elements or what these are multiplied by; or as the
   * bits of half floats.
   */
  quantized: z.enum(['values', 'scale', 'half']).optional(),
  /** The model's input that has a 1 for each token of a row. */
  mask: z.string().optional(),
});

const transform = z.strictObject({
  module: z.string(),
  /** `job`: the default export is a job whose `transform.apply` is meant; else the function. */
  export: z.enum(['job', 'function']),
  sha256: z.string(),
  columns: z.array(z.strictObject({ label: z.string(), sql: z.string(), type: z.string() })),
});

/**
 * Which version of the model registry a run has, and by which alias the job named it. The digest of a
 * plan covers the model's own digest, and not its names.
 */
export const modelRelease = z.strictObject({
  name: z.string(),
  version: z.int().positive(),
  alias: z.string().optional(),
});

const plannedModel = modelFile.extend({
  externalData: z.array(modelFile),
  inputs: z.array(tensor),
  /** Tensor outputs that the run uses. */
  outputs: z.array(tensor.extend({ pooling: pooling.optional() })),
  /** Where the job fixes it: each call has so many rows of the part, in their order. */
  rowsPerCall: z.int().positive().optional(),
});

/**
 * A model that scores beside the run's own. Its columns are among `output.columns`, where its outputs
 * have names of Shardmill's own (`challengers/sql-names.ts`).
 */
const challenger = z.strictObject({
  name: z.string(),
  model: plannedModel,
  features: z.array(boundFeature),
  share: z.number(),
  /** Which rows those are, in SQL over the input; null for all. */
  rows: z.string().nullable(),
  /** Columns that are compared with the champion's. */
  compared: z.array(
    z.strictObject({ champion: z.string(), challenger: z.string(), kind: z.enum(comparedKinds) }),
  ),
  /** Limits between bands of compared numbers. */
  bands: z.array(z.number()).optional(),
  /** How many rows there are to one whose ranks are compared. */
  rankEvery: z.int().positive(),
});

/** What the engine needs for any part of the run. */
const scoring = z.strictObject({
  input: z.strictObject({
    /** Columns that expressions may use, with one type for all files. */
    columns: z.array(column),
    /** The input columns that are used at all. */
    used: z.array(z.string()),
    /**
     * Distinct file schemas, in the order of the files' columns; a column may be absent where
     * `missingColumns` is `null`, and has the type `"NULL"` where every value of it is null.
     */
    layouts: z.array(z.array(fileColumn)),
    partitionColumns: z.array(column),
    where: z.string().nullable(),
  }),
  model: plannedModel,
  features: z.array(boundFeature),
  /** Where a feature is made of tokens. */
  text: text.optional(),
  transform: transform.nullable(),
  nulls: z.enum(['reject', 'nan', 'fail']),
  /** Absent where the run has a single model. */
  challengers: z.array(challenger).optional(),
  output: z.strictObject({
    uri: z.string(),
    columns: z.array(column.extend({ sql: z.string() })),
    compression: z.enum(['zstd', 'snappy', 'uncompressed']),
    rowGroupRows: z.int().positive(),
    /** Whether expressions use `_file` and `_row`, which the input does not have. */
    origin: z.literal(true).optional(),
    /** The parts become visible as files of a table, in one commit at the run's end. */
    table: z.literal('delta').optional(),
    /** Columns by whose values the rows of a part are divided into files; the files lack them. */
    partitionBy: z.array(z.string()).optional(),
  }),
});

/** What the model computes for one row: an estimate, in powers of two. */
const modelWork = z.strictObject({
  multiplyAdds: z.number().positive(),
  /** Bytes that its operators hand on to each other. */
  activationBytes: z.number().positive(),
  /** `file size`: an operator could not be followed, so that each weight counts as used once. */
  basis: z.enum(['graph', 'file size']),
});

/** What the rows of a part were chosen for where the job says how large files are to be. */
const fileTarget = z.strictObject({
  /** `output.targetFileBytes`. */
  fileBytes: z.int().positive(),
  /** Estimated for a row of the output, compressed. */
  bytesPerRow: z.number().positive(),
  /** Output columns that are one of the input, of which the footers say the bytes; the others are by their types. */
  measured: count,
  /** What keeps files smaller: a part may take ten minutes of one lane, or have 16,777,216 rows. */
  cappedBy: z.enum(['work', 'rows']).optional(),
});

/** How the rows of a part were chosen; the parts themselves are in the pages. */
const partSize = z.strictObject({
  rows: z.int().positive(),
  /** Whether the job says so (`plan.partRows`), or else the size of files, or the work of a row. */
  given: z.boolean(),
  work: modelWork.optional(),
  target: fileTarget.optional(),
  /** Whether they are fewer than one lane could take, so that several lanes share the work. */
  shared: z.literal(true).optional(),
});

const totals = z.strictObject({
  files: count,
  /** All row groups of the input, ruled out or not. */
  rowGroups: count,
  /** Rows to be worked on. */
  rows: count,
  /** Rows that statistics or partition values rule out: filtered without being read. */
  prunedRows: count,
  /** Rows that a trial run was asked to leave out: neither read nor counted. */
  leftOutRows: count.optional(),
  prunedRowGroups: count,
  shards: count,
  parts: count,
  bytes: count,
  /** Compressed bytes of the columns that are used, in the row groups that are kept. */
  bytesToRead: count,
});

/**
 * Where the output's columns come from, for lineage. Input columns and model outputs have their own
 * names; those of earlier output columns that an expression uses are counted as its own.
 */
const columnUse = z.strictObject({
  /** Input columns that decide which rows are scored. */
  where: z.array(z.string()),
  /** Input columns that the model's inputs are made of. */
  features: z.array(z.string()),
  /** Of the output's columns, in their order. */
  outputs: z.array(
    z.strictObject({
      columns: z.array(z.string()),
      modelOutputs: z.array(z.string()),
      /** Whether it is that column, or that output, and nothing else. */
      plain: z.boolean(),
    }),
  ),
});

export const planSchema = z.strictObject({
  format: z.literal(PLAN_FORMAT),
  runId: z.string(),
  createdAt: z.string(),
  /**
   * SHA-256 over everything here except runId, createdAt, mode, partSize, profile, checks, drift, notices,
   * command, columnUse, inputTable, release, challengerReleases and job.params, and over the pages.
   */
  digest: z.string(),
  job: z.strictObject({ name: z.string(), params: z.record(z.string(), z.string()) }),
  mode: z.enum(OUTPUT_MODES),
  inputUris: z.array(z.string()),
  scoring,
  totals,
  pages: z.array(z.strictObject({ shards: count, sha256: z.string() })),
  /**
   * What a person should know before the run, a sentence each: files that are not read, types that
   * lose precision. They do not decide the result, and the digest leaves them out.
   */
  notices: z.array(z.string()).default([]),
  /** The command that began a local run, and goes on with it; outside of the digest, too. */
  command: z.string().optional(),
  partSize: partSize.optional(),
  /** What the profile is of; outside of the digest, since no row depends on it. */
  profile: plannedProfile.optional(),
  /** What it is compared with; outside of the digest, too. */
  drift: plannedDrift.optional(),
  /** What its result must be like to be published; outside of the digest, too. */
  checks: plannedChecks.optional(),
  /** Where the job names a model of the registry; outside of the digest, too. */
  release: modelRelease.optional(),
  /** The same of its challengers, by their names. */
  challengerReleases: z.record(z.string(), modelRelease).optional(),
  /** Outside of the digest, as is `inputTable`: it follows from the expressions. */
  columnUse: columnUse.optional(),
  /** Where the input is a table: its version. */
  inputTable: z.strictObject({ format: z.literal('delta'), version: count }).optional(),
});
export const planPageSchema = z.strictObject({ shards: z.array(plannedShard) });

export type Column = z.output<typeof column>;
export type FileColumn = z.output<typeof fileColumn>;
export type TensorInfo = z.output<typeof tensor>;
export type ModelFile = z.output<typeof modelFile>;
export type BoundFeature = z.output<typeof boundFeature>;
export type BoundText = z.output<typeof text>;
export type Pooling = z.output<typeof pooling>;
/** An output as the run uses it: the model's own, or one that is pooled. */
export type ScoredOutput = TensorInfo & { readonly pooling?: Pooling | undefined };
export type BoundTransform = z.output<typeof transform>;
export type PinnedFile = z.output<typeof pinnedFile>;
export type Slice = z.output<typeof slice>;
export type PlannedPart = z.output<typeof plannedPart>;
export type PlannedShard = z.output<typeof plannedShard>;
export type ModelWork = z.output<typeof modelWork>;
export type FileTarget = z.output<typeof fileTarget>;
export type PartSize = z.output<typeof partSize>;
export type BoundChallenger = z.output<typeof challenger>;
export type Scoring = z.output<typeof scoring>;
export type ModelRelease = z.output<typeof modelRelease>;
export type ColumnUse = z.output<typeof columnUse>;
export type PlanTotals = z.output<typeof totals>;
export type Plan = z.output<typeof planSchema>;
export type PlanPage = z.output<typeof planPageSchema>;
