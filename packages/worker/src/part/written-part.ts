import {
  type NumberState,
  type PlannedPart,
  type PlannedShard,
  type RowCounts,
  ShardmillError,
} from '@shardmill/core';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ProfiledFeatures } from '../profile/part-profile.js';
import { partSource } from '../scan/part-source.js';
import { readText } from '../sql/read-text.js';
import type { ScoredBy } from '../substitute/scored-by.js';
import type { CountedChallenger } from '../write/compare-outputs.js';
import type { PartitionFile } from '../write/copy-partitions.js';
import type { RejectsObject } from './part-context.js';
import type { PartContext } from './part-context.js';

/** A part's results in finished local files, of either writer. */
export interface WrittenPart {
  /** The file, or the folder with those of partitions. */
  readonly file: string;
  /** The files in the folder, where the output is divided by partition. */
  readonly partitions?: readonly PartitionFile[] | undefined;
  readonly rows: RowCounts;
  /** Numbers of output columns that were collected while they were scored. */
  readonly known: ReadonlyMap<string, NumberState>;
  /** What was collected of challengers, where it was. */
  readonly counted?: readonly CountedChallenger[] | undefined;
  /** Undefined where the run has no profile of its features. */
  readonly features: ProfiledFeatures | undefined;
  /** Creates the object of the rejected rows; null where there are none. */
  readonly publishRejected: () => Promise<RejectsObject | null>;
  /** Releases all but the file. */
  readonly release: () => Promise<void>;
}

/** What each step of a part took, in seconds; steps that ran side by side count each for itself. */
export type StepSeconds = Record<string, number>;

/** Adds the time of a step. */
export async function timed<T>(
  seconds: StepSeconds,
  step: string,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    seconds[step] = (seconds[step] ?? 0) + (performance.now() - started) / 1000;
  }
}

/**
 * Rows of the part that `where` leaves out, counted by themselves: the check of the accounting
 * would prove nothing if they were what is left over.
 */
export async function countFiltered(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
): Promise<number> {
  const { scoring } = context.settings;
  const { where, used } = scoring.input;
  if (where === null) return 0;
  const source = partSource(scoring, context.shard, part, used, context.pathOf, {
    condition: `(${where}\n) IS NOT TRUE`,
  });
  return Number(await readText(connection, `SELECT count(*) FROM ${source}`));
}

/** @returns ROW_ACCOUNTING, for these counts. */
export function accountingError(
  shard: PlannedShard,
  part: PlannedPart,
  rows: RowCounts,
  when: string,
): ShardmillError {
  return new ShardmillError(
    'ROW_ACCOUNTING',
    `${rows.read} rows read are not ${rows.scored} scored + ${rows.rejected} rejected + ${rows.filtered} filtered ${when}`,
    { where: `shard ${shard.shard}, part ${part.part}` },
  );
}

/** Adds time of a step that was measured elsewhere. */
export function addTime(seconds: StepSeconds, step: string, milliseconds: number): void {
  seconds[step] = (seconds[step] ?? 0) + milliseconds / 1000;
}

/** Adds time in the model to that of a part; what scored in its place has names of its own beside. */
export function addModelTime(seconds: StepSeconds, milliseconds: number, by: ScoredBy): void {
  for (const step of ['infer', ...by]) addTime(seconds, step, milliseconds);
}
