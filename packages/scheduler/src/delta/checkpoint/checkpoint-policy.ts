import type { Snapshot } from '../log/snapshot.js';

/** When a table gets a checkpoint, and what is left out of it. */
export interface CheckpointPolicy {
  /** Commits from one to the next. */
  readonly interval: number;
  /** How long removed files are kept in it; for ever where that cannot be read. */
  readonly removedMs: number;
  /** How long transactions are; for ever where the table does not say. */
  readonly transactionsMs: number;
}

const INTERVAL = 10;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * What a table's properties say of its checkpoints.
 * @returns undefined where it wants such as are not written here: by the V2 specification, with
 *   statistics as structures, or without them as JSON.
 */
export function checkpointPolicy({
  protocol,
  metadata: { configuration },
}: Pick<Snapshot, 'protocol' | 'metadata'>): CheckpointPolicy | undefined {
  const features = [...(protocol.readerFeatures ?? []), ...(protocol.writerFeatures ?? [])];
  const property = (name: string): string | undefined =>
    configuration[`delta.${name}`] ?? undefined;
  const says = (name: string, value: string): boolean => property(name)?.toLowerCase() === value;
  const unusual =
    features.includes('v2Checkpoint') ||
    says('checkpointPolicy', 'v2') ||
    says('checkpoint.writeStatsAsStruct', 'true') ||
    says('checkpoint.writeStatsAsJson', 'false');
  const interval = Number(property('checkpointInterval') ?? INTERVAL);
  if (unusual || !Number.isSafeInteger(interval) || interval < 1) return undefined;
  const removed = property('deletedFileRetentionDuration');
  return {
    interval,
    removedMs: removed === undefined ? WEEK_MS : intervalMs(removed),
    transactionsMs: intervalMs(property('setTransactionRetentionDuration') ?? ''),
  };
}

/** Whether the commit of a version is followed by a checkpoint. */
export function isDue({ interval }: CheckpointPolicy, version: number): boolean {
  return version > 0 && version % interval === 0;
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['millisecond', 1],
  ['second', 1000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 24 * 3_600_000],
  ['week', WEEK_MS],
]);

/** `interval 7 days`, `2 weeks 12 hours`; infinite where it is anything else. */
function intervalMs(text: string): number {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, '');
  if (!/^\d{1,9}\s+[a-z]+(\s+\d{1,9}\s+[a-z]+)*$/.test(plain)) return Number.POSITIVE_INFINITY;
  const words = plain.split(/\s+/);
  let sum = 0;
  for (let index = 0; index < words.length; index += 2) {
    const unit = UNITS_MS.get(words[index + 1]?.replace(/s$/, '') ?? '');
    sum += unit === undefined ? Number.POSITIVE_INFINITY : Number(words[index]) * unit;
  }
  return sum;
}
