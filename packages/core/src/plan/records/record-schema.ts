import { z } from 'zod';
import { manifestDriftSchema } from '../../drift/drift-schema.js';
import { challengerReportSchema } from '../../challengers/challenger-report-schema.js';
import { challengerStateSchema } from '../../challengers/challenger-state-schema.js';
import { keyStateSchema } from '../../keys/key-state-schema.js';
import { profileStateSchema } from '../../profile/profile-state-schema.js';
import { manifestQualitySchema } from '../../quality/quality-schema.js';
import { outputStatisticsSchema } from '../../statistics/output-statistics-schema.js';
import { attemptSchema } from './failure-schema.js';
import { MANIFEST_FORMAT, PART_INDEX_FORMAT, RECORD_FORMAT } from '../formats.js';
import { modelRelease } from '../plan-schema.js';

/** Shard records and the manifest: the durable notes that say what is done. */

const count = z.int().nonnegative();

/** Every row that was read is scored, rejected or filtered. */
const rowCounts = z.strictObject({
  read: count,
  scored: count,
  rejected: count,
  filtered: count,
  /** Of those scored, rows whose text was cut; absent where there are none. */
  truncated: count.optional(),
});

const objectRef = z.strictObject({ key: z.string(), bytes: count, sha256: z.string() });

/** When the process that did it began and ended, by the clock of its machine. */
const period = { startedAt: z.string(), endedAt: z.string() };

/** The values of a partition, as texts. */
const partition = z.record(z.string(), z.string().nullable());

/** One file of a part whose rows are divided by partition. */
const partFile = objectRef.extend({ rows: count, partition });

const partRecord = z.strictObject({
  part: count,
  rows: rowCounts,
  /** The part's file; with `files`, the index that names them. */
  object: objectRef,
  /** Where rows are divided by partition: a file for each that the part has rows of. */
  files: z.array(partFile).optional(),
  rejected: objectRef.nullable(),
  /** How it was made; absent where an earlier attempt made it, which left no note. */
  made: z.strictObject({ ...period, seconds: z.record(z.string(), z.number()) }).optional(),
});

/** Rows by the reason for which they were rejected: the most frequent reasons. */
const rejectedReasons = z.record(z.string(), count);

/**
 * What is created last of a part whose rows are divided by partition: its files are there, in these
 * sizes, and the part has no others.
 */
export const partIndexSchema = z.strictObject({
  format: z.literal(PART_INDEX_FORMAT),
  runId: z.string(),
  planDigest: z.string(),
  modelSha256: z.string(),
  shard: count,
  part: count,
  rows: rowCounts,
  files: z.array(partFile),
  rejected: objectRef.nullable(),
  /** Absent where no row was rejected. */
  rejectedReasons: rejectedReasons.optional(),
  statistics: z.record(z.string(), outputStatisticsSchema),
  profile: profileStateSchema,
  /** Absent where the run has a single model. */
  challengers: z.array(challengerStateSchema).optional(),
  /** How often keys occur; absent where no check is of a key. */
  keys: z.array(keyStateSchema).optional(),
});

export const shardRecordSchema = z.strictObject({
  format: z.literal(RECORD_FORMAT),
  runId: z.string(),
  planDigest: z.string(),
  shard: count,
  rows: rowCounts,
  parts: z.array(partRecord),
  /** Absent where no row was rejected. */
  rejectedReasons: rejectedReasons.optional(),
  statistics: z.record(z.string(), outputStatisticsSchema),
  /** Absent where the plan has none. */
  profile: profileStateSchema.optional(),
  /** Absent where the run has a single model. */
  challengers: z.array(challengerStateSchema).optional(),
  /** How often keys occur; absent where no check is of a key. */
  keys: z.array(keyStateSchema).optional(),
  /**
   * Engine seconds by stage, summed over parts; parts overlap, so this is not wall time. `worker` is the
   * shard's share of the time of its worker; `unfinished` that of its attempts before, which are handed back
   * or failed, in the same round.
   */
  seconds: z.record(z.string(), z.number()),
  /** The attempt that wrote this; absent in records of earlier versions. */
  attempt: z.strictObject({ worker: z.string(), ...period }).optional(),
  /** Attempts of its round that failed before it; absent where none did. */
  failed: z.array(attemptSchema).optional(),
});

/** What a run has used, by its shard records. */
export const runUsageSchema = z.strictObject({
  /** The pool whose workers scored it; null for a run on one machine. */
  pool: z.string().nullable(),
  /** Time in which a worker had shards of this run; divided among runs where it had several. */
  workerSeconds: z.number().nonnegative(),
  /** The same of attempts that did not finish their shard, as far as it was noted; absent without any. */
  unfinishedSeconds: z.number().nonnegative().optional(),
  /** Absent where the configuration has no price. */
  pricePerWorkerHour: z.number().positive().optional(),
  /** Of both. */
  cost: z.number().nonnegative().optional(),
});

export const manifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  runId: z.string(),
  planDigest: z.string(),
  job: z.strictObject({ name: z.string(), params: z.record(z.string(), z.string()) }),
  createdAt: z.string(),
  finishedAt: z.string(),
  rows: rowCounts,
  rejectedBudget: z.union([z.string(), z.number()]),
  /** With its name and version where it is of the model registry, and the alias that the job names. */
  model: z.strictObject({
    uri: z.string(),
    sha256: z.string(),
    ...modelRelease.partial().shape,
  }),
  /** Models that scored beside it; absent where there are none. */
  challengers: z.array(challengerReportSchema).optional(),
  schema: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  /** Where the output is a table. */
  table: z
    .strictObject({
      format: z.literal('delta'),
      version: count
        .optional()
        .describe(
          'In which the parts became visible: of the documents, and not of the stored object, which is older than the commit.',
        ),
    })
    .optional(),
  /** Absent where rows are not divided by partition. */
  partitionBy: z.array(z.string()).optional(),
  parts: z.array(
    objectRef.extend({
      shard: count,
      part: count,
      rows: rowCounts,
      /** Of a file that has the rows of one partition: the values that its folders stand for. */
      partition: partition.optional(),
    }),
  ),
  rejected: z.array(objectRef.extend({ shard: count, part: count, rows: count })),
  /** Absent where no row was rejected. */
  rejectedReasons: rejectedReasons.optional(),
  bytes: count,
  statistics: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** The object with the profile of features and outputs; absent where there is none. */
  profile: objectRef.optional(),
  /** Columns that look wrong though every row was scored; absent where there are none. */
  checks: z
    .array(
      z.strictObject({ check: z.enum(['all-null', 'all-nan']), column: z.string(), rows: count }),
    )
    .optional(),
  /** What the checks of the job came to; absent where it has none. */
  quality: manifestQualitySchema.optional(),
  /** How it differs from its baseline; absent where the job has none. All of it is in `drift.json`. */
  drift: manifestDriftSchema.optional(),
  seconds: z.record(z.string(), z.number()),
  /** Absent where a record does not say how long its shard took. */
  usage: runUsageSchema.optional(),
  versions: z.record(z.string(), z.string()),
});

export type RunUsage = z.output<typeof runUsageSchema>;
export type RowCounts = z.output<typeof rowCounts>;
export type ObjectRef = z.output<typeof objectRef>;
export type PartFile = z.output<typeof partFile>;
export type PartIndex = z.output<typeof partIndexSchema>;
export type PartRecord = z.output<typeof partRecord>;
export type ShardRecord = z.output<typeof shardRecordSchema>;
export type Manifest = z.output<typeof manifestSchema>;
