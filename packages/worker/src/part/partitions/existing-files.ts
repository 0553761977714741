import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type ChallengerState,
  type KeyState,
  type NamedState,
  type OutputStatistics,
  type PartFile,
  type PlannedPart,
  type RowCounts,
  ShardmillError,
} from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../../duckdb/duckdb-error.js';
import { partMetadata, readPartMetadata, rowsEntry } from '../../write/part-metadata.js';
import { readBackFiles } from '../../write/read-back.js';
import type { PartContext } from '../part-context.js';
import { partToRead } from '../scored-part.js';

/**
 * The files of a part as their objects describe them, where another attempt has made some of them:
 * each is of this part of this plan, and has as many rows as this attempt's.
 * @param rows what became of the part's rows.
 * @param expected the files that this attempt has made or found there.
 * @throws OUTPUT_CONFLICT where one is not
 */
export async function describeFiles(
  connection: DuckDBConnection,
  { settings, shard, store }: Pick<PartContext, 'settings' | 'shard' | 'store'>,
  part: PlannedPart,
  rows: RowCounts,
  expected: readonly PartFile[],
): Promise<{
  readonly files: readonly PartFile[];
  readonly statistics: Record<string, OutputStatistics>;
  readonly outputs: readonly NamedState[];
  readonly challengers: ChallengerState[] | undefined;
  readonly keys: KeyState[] | undefined;
}> {
  const metadata = Object.entries({ ...partMetadata(settings, shard, part), ...rowsEntry(rows) });
  const conflict = (key: string, seen: string): ShardmillError =>
    new ShardmillError('OUTPUT_CONFLICT', seen, { where: store.locate(key) });
  const copies: { readonly path: string; readonly release: () => Promise<void> }[] = [];
  try {
    for (const { key } of expected) {
      const copy = await store.localCopy(key, settings.temporaryFolder);
      if (copy === undefined) throw conflict(key, 'it is gone');
      copies.push(copy);
      const found = await readPartMetadata(connection, copy.path).catch((error: unknown) => {
        const message = duckdbMessage(error);
        // No memory or no disk space is no fault of the file.
        throw duckdbFault(message) === 'data'
          ? conflict(key, `it cannot be read: ${message}`)
          : error;
      });
      for (const [name, value] of metadata) {
        if (found.get(name) === value) continue;
        throw conflict(key, `its ${name} is ${found.get(name) ?? 'missing'}, expected ${value}`);
      }
    }
    const local = expected.map(({ partition }, index) => ({
      path: copies[index]?.path ?? '',
      values: partition,
    }));
    const toRead = partToRead({ settings, shard }, part);
    const read = await readBackFiles(connection, local, settings.scoring, toRead);
    const files = expected.map((file, index) => {
      const content = read.files[index];
      if (content?.rows === file.rows) return { ...file, ...content };
      throw conflict(file.key, `it has ${content?.rows} rows, expected ${file.rows}`);
    });
    const { statistics, outputs, challengers, keys } = read;
    return { files, statistics, outputs, challengers, keys };
  } finally {
    await Promise.all(copies.map((copy) => copy.release()));
  }
}
