import { ShardmillError } from '@shardmill/core';
import { z } from 'zod';

/**
 * The actions of a table's log, as far as they are needed here. Fields that are not named are
 * dropped; actions that are not named have no meaning for the files and rows of a table.
 */

const count = z.int().nonnegative();
const features = z.array(z.string()).nullish();
const values = z.record(z.string(), z.string().nullable());

const protocol = z.object({
  minReaderVersion: count,
  minWriterVersion: count,
  readerFeatures: features,
  writerFeatures: features,
});

const metadata = z.object({
  id: z.string(),
  format: z.object({ provider: z.string() }),
  schemaString: z.string(),
  partitionColumns: z.array(z.string()),
  configuration: values.nullish().transform((given) => given ?? {}),
});

const deletionVector = z
  .object({
    storageType: z.string(),
    pathOrInlineDv: z.string(),
    offset: count.nullish(),
    sizeInBytes: count,
    cardinality: count,
  })
  .nullish();

const add = z.object({
  path: z.string().min(1),
  partitionValues: values,
  size: count,
  deletionVector,
});

const remove = z.object({ path: z.string().min(1), deletionVector });
const txn = z.object({ appId: z.string(), version: z.int() });
const commitInfo = z.object({
  timestamp: z.int().nullish(),
  inCommitTimestamp: z.int().nullish(),
});

const action = z.object({
  protocol: protocol.nullish(),
  metaData: metadata.nullish(),
  add: add.nullish(),
  remove: remove.nullish(),
  txn: txn.nullish(),
  commitInfo: commitInfo.nullish(),
  sidecar: z.object({ path: z.string() }).nullish(),
});

export type Action = z.output<typeof action>;
export type Protocol = z.output<typeof protocol>;
export type TableMetadata = z.output<typeof metadata>;
export type AddFile = z.output<typeof add>;

/** The identity of a logical file: its path as the log has it, and its deletion vector. */
export function fileKeyOf({
  path,
  deletionVector: vector,
}: Pick<AddFile, 'path' | 'deletionVector'>): string {
  if (vector === null || vector === undefined) return path;
  const offset = vector.offset === null || vector.offset === undefined ? '' : `@${vector.offset}`;
  return `${path}\n${vector.storageType}${vector.pathOrInlineDv}${offset}`;
}

/** One line of a commit or a checkpoint. @throws TABLE_LOG_DAMAGED */
export function parseAction(line: string, where: string, number: number): Action {
  const damaged = (what: string): ShardmillError =>
    new ShardmillError('TABLE_LOG_DAMAGED', `line ${number} ${what}`, { where });
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw damaged('is no JSON');
  }
  const parsed = action.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(`is no action: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}

/** The actions of a commit, in their order; empty lines are none. @throws TABLE_LOG_DAMAGED */
export function* parseActions(bytes: Uint8Array, where: string): Generator<Action> {
  let [start, number] = [0, 0];
  while (start < bytes.length) {
    const end = bytes.indexOf(NEWLINE, start);
    const line = Buffer.from(bytes.subarray(start, end < 0 ? bytes.length : end)).toString('utf8');
    number++;
    if (line.trim() !== '') yield parseAction(line, where, number);
    if (end < 0) return;
    start = end + 1;
  }
}

const NEWLINE = 10;
