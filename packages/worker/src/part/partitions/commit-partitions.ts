import type { DuckDBConnection } from '@duckdb/node-api';
import {
  canonicalJson,
  mapConcurrent,
  PART_INDEX_FORMAT,
  partFileKey,
  type PartIndex,
  partIndexKey,
  type PartFile,
  partitionFolders,
  type PlannedPart,
} from '@shardmill/core';
import { type PartFileContent, readBackFiles } from '../../write/read-back.js';
import type { PartitionFile } from '../../write/copy-partitions.js';
import type { PartContext, ScoredPart } from '../part-context.js';
import { accountingError, type StepSeconds, timed, type WrittenPart } from '../written-part.js';
import { partState } from '../../profile/part-profile.js';
import { partProfile, partToRead } from '../scored-part.js';
import { describeIndexedPart, scoredFromIndex } from './existing-index.js';
import { describeFiles } from './existing-files.js';

type CommitContext = Pick<PartContext, 'settings' | 'shard' | 'store' | 'files' | 'progress'>;

/** Files of one part that are created at once. */
const CREATES_AT_ONCE = 8;

/**
 * Commits a part that is written to a local file for each partition: as `commitPart`, but each file
 * is created under its own name, and last the index that names them, with which the part is there.
 * @throws ROW_ACCOUNTING, INPUT_CHANGED, OUTPUT_CONFLICT, STORE_…
 */
export async function commitPartitions(
  connection: DuckDBConnection,
  context: CommitContext,
  part: PlannedPart,
  written: Pick<WrittenPart, 'rows' | 'known' | 'features' | 'publishRejected'>,
  partitions: readonly PartitionFile[],
  seconds: StepSeconds,
): Promise<ScoredPart> {
  const { settings, shard, store, files } = context;
  const { rows, known } = written;
  const read = await timed(seconds, 'readBack', () =>
    readBackFiles(connection, partitions, settings.scoring, partToRead(context, part), known),
  );
  const wrong = partitions.find((file, index) => read.files[index]?.rows !== file.rows);
  if (read.rows !== rows.scored || wrong !== undefined) {
    throw accountingError(shard, part, { ...rows, scored: read.rows }, 'in the written files');
  }
  const rejected = await written.publishRejected();
  await files.check(part);
  const named = partitions.map((file, index) => nameFile(context, part, file, read.files[index]));
  const created = await timed(seconds, 'publish', () =>
    mapConcurrent([...named], CREATES_AT_ONCE, async ({ path, file }) => {
      const answer = await store.create(file.key, { path });
      if (answer === 'created') reportCreated(context, part, written, file.key);
      return answer;
    }),
  );
  const made = {
    files: named.map(({ file }) => file),
    statistics: read.statistics,
    outputs: read.outputs,
    challengers: read.challengers,
    keys: read.keys,
  };
  // Another attempt's files may differ in their bytes, and in the last digits of their scores.
  const content = created.includes('exists')
    ? await describeFiles(connection, context, part, rows, made.files)
    : made;
  const key = partIndexKey(settings.runId, shard.shard, part.part);
  const index: PartIndex = {
    format: PART_INDEX_FORMAT,
    runId: settings.runId,
    planDigest: settings.planDigest,
    modelSha256: settings.scoring.model.sha256,
    shard: shard.shard,
    part: part.part,
    rows,
    files: [...content.files],
    rejected: rejected?.object ?? null,
    ...(rejected !== null && { rejectedReasons: { ...rejected.reasons } }),
    statistics: content.statistics,
    profile: partState(partProfile(written.features, content.outputs)),
    ...(content.challengers !== undefined && { challengers: content.challengers }),
    ...(content.keys !== undefined && { keys: content.keys }),
  };
  await files.check(part);
  const bytes = Buffer.from(canonicalJson(index));
  if ((await timed(seconds, 'publish', () => store.create(key, bytes))) === 'exists') {
    const existing = await describeIndexedPart(context, part);
    if (existing !== undefined) return { ...existing, madeByAnother: true };
  }
  return scoredFromIndex(key, bytes, index);
}

function nameFile(
  { settings: { scoring, runId }, shard }: Pick<PartContext, 'settings' | 'shard'>,
  { part }: PlannedPart,
  { path, values }: PartitionFile,
  content: PartFileContent | undefined,
): { readonly path: string; readonly file: PartFile } {
  const folders = partitionFolders(scoring.output.partitionBy ?? [], values);
  const key = partFileKey(folders, runId, shard.shard, part);
  const { bytes = 0, sha256 = '', rows = 0 } = content ?? {};
  return { path, file: { key, bytes, sha256, rows, partition: { ...values } } };
}

/** A worker deletes these files where it finds that its run is gone, whatever became of the part. */
function reportCreated(
  { shard: { shard }, progress }: Pick<PartContext, 'shard' | 'progress'>,
  { part }: PlannedPart,
  { rows: { scored, rejected } }: Pick<WrittenPart, 'rows'>,
  created: string,
): void {
  progress({ shard, part, scored, rejected, finished: null, resumed: false, created });
}
