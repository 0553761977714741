import type { FileTarget, ModelWork, PartSize } from '@shardmill/core';
import type { OutputEstimate } from './estimate-output.js';
import { maxPartRows, type ResultFiles } from './max-part-rows.js';

/** What a part is to take on one lane: so much is lost, at most, when a process is. */
const PART_SECONDS = 60;
/** The same where the job says how large files are to be. */
const MAX_TARGET_SECONDS = 10 * PART_SECONDS;
/** Rows of a part at most where the job says how large files are to be: results of a part lie in memory, or are spilled. */
const MAX_TARGET_ROWS = 2 ** 24;
/** Below, opening and publishing a file costs more than it is worth, whatever the model. */
const MIN_PART_ROWS = 256;
/** About what one core of a server reaches in a second, in well-filled matrix products. */
const MULTIPLY_ADDS_PER_SECOND = 40e9;
const BYTES_PER_SECOND = 8e9;

/** Parts that a job has at least, where they are worth it: so many the lanes of a machine can share. */
const SHARED_PARTS = 16;
/** Below, what a part costs beside its rows, some 20 ms, would show. */
const MIN_SHARED_SECONDS = 0.5;
/** Of Parquet files: about what one lane reads, decodes and hands on in a second. */
const READ_BYTES_PER_SECOND = 100e6;

export interface PartSizeRequest {
  /** `plan.partRows`. */
  readonly given: number | undefined;
  readonly work: ModelWork | undefined;
  /** What the result's files hold; they are not divided by partition where it is left out. */
  readonly files?: ResultFiles | undefined;
  /** What is to be read. */
  readonly input?:
    | { readonly rows: number; readonly bytes: number; readonly rowGroups: number }
    | undefined;
  /** `output.targetFileBytes`, with what the output's rows are estimated to have. */
  readonly target?: (OutputEstimate & { readonly fileBytes: number }) | undefined;
}

/**
 * Rows per part: those that the job gives, or as many as fill a file of the size that it wants, or
 * else as many as one lane scores in about a minute, and fewer where lanes would be left without a
 * part. What is estimated is coarse and the same on every machine, so that the same job makes the
 * same plan.
 */
export function choosePartSize({ given, work, files, input, target }: PartSizeRequest): PartSize {
  const known = work === undefined ? {} : { work };
  if (given !== undefined) return { rows: given, given: true, ...known };
  if (target !== undefined) return { given: false, ...known, ...rowsOfFile(target, work) };
  const rows = rowsOfLane(work, files ?? { columns: [] });
  // A partition would get a file from each part.
  const shared =
    input === undefined || files?.partitionBy !== undefined ? rows : rowsOfShare(work, input);
  return shared < rows
    ? { rows: Math.max(MIN_PART_ROWS, shared), given: false, ...known, shared: true }
    : { rows, given: false, ...known };
}

function rowsOfLane(work: ModelWork | undefined, files: ResultFiles): number {
  const most = maxPartRows(files);
  if (work === undefined) return most;
  const wanted = 2 ** Math.round(Math.log2(PART_SECONDS / secondsPerRow(work)));
  return Math.max(MIN_PART_ROWS, Math.min(most, wanted));
}

/**
 * Rows of a part if as many parts as are worth it share all of them. Each part of a row group reads most of it,
 * so that they are divided only where the model takes long.
 */
function rowsOfShare(
  work: ModelWork | undefined,
  { rows, bytes, rowGroups }: NonNullable<PartSizeRequest['input']>,
): number {
  const ofModel = work === undefined ? 0 : rows * secondsPerRow(work);
  const whole = Math.ceil(rows / Math.max(1, rowGroups));
  const ofBoth = share(rows, ofModel + bytes / READ_BYTES_PER_SECOND);
  return Math.min(share(rows, ofModel), Math.max(whole, ofBoth));
}

/** Rows of a part where work of so many seconds is shared. */
function share(rows: number, seconds: number): number {
  const parts = Math.min(SHARED_PARTS, Math.floor(seconds / MIN_SHARED_SECONDS));
  return parts < 2 ? Number.POSITIVE_INFINITY : Math.ceil(rows / parts);
}

function rowsOfFile(
  { fileBytes, bytesPerRow, measured }: NonNullable<PartSizeRequest['target']>,
  work: ModelWork | undefined,
): Pick<PartSize, 'rows' | 'target'> {
  const wanted = Math.max(1, Math.round(fileBytes / bytesPerRow));
  const seconds = work === undefined ? 0 : secondsPerRow(work);
  const byWork = Math.max(MIN_PART_ROWS, Math.floor(MAX_TARGET_SECONDS / seconds));
  const most = Math.min(byWork, MAX_TARGET_ROWS);
  const target: FileTarget = { fileBytes, bytesPerRow, measured };
  if (wanted <= most) return { rows: wanted, target };
  return {
    rows: most,
    target: { ...target, cappedBy: byWork <= MAX_TARGET_ROWS ? 'work' : 'rows' },
  };
}

function secondsPerRow({ multiplyAdds, activationBytes }: ModelWork): number {
  return multiplyAdds / MULTIPLY_ADDS_PER_SECOND + activationBytes / BYTES_PER_SECOND;
}
