import { ShardmillError } from '@shardmill/core';
import type { Snapshot } from '../log/snapshot.js';
import { allFields, type TableField } from '../schema/table-schema.js';

/**
 * Reader features that ask for nothing where a table does not make use of them; whether it does is
 * checked here and where its files are listed.
 */
const READER_FEATURES: ReadonlySet<string> = new Set([
  'columnMapping',
  'deletionVectors',
  'timestampNtz',
  'typeWidening',
  'typeWidening-preview',
  'v2Checkpoint',
  'vacuumProtocolCheck',
]);

const MAX_READER_VERSION = 3;

/**
 * Refuses a table that can be read only by what is not supported here.
 * @param fields its columns.
 * @throws TABLE_UNSUPPORTED naming the feature
 */
export function refuseReaderFeatures(
  { protocol, metadata, files, version }: Snapshot,
  fields: readonly TableField[],
  where: string,
): void {
  const refuse = (message: string, remedy?: string): never => {
    throw new ShardmillError('TABLE_UNSUPPORTED', message, { where, remedy });
  };
  const { minReaderVersion, readerFeatures } = protocol;
  if (minReaderVersion > MAX_READER_VERSION) {
    refuse(
      `the table needs reader version ${minReaderVersion}; up to ${MAX_READER_VERSION} is supported`,
    );
  }
  const unknown = (readerFeatures ?? []).filter((name) => !READER_FEATURES.has(name));
  if (unknown.length > 0) {
    refuse(`the table needs reader features that are not supported: ${unknown.join(', ')}`);
  }
  if (metadata.format.provider !== 'parquet') {
    refuse(`the files of the table are ${metadata.format.provider}, not Parquet`);
  }
  refuseColumnMapping(metadata.configuration['delta.columnMapping.mode'], refuse);
  const widened = [...allFields(fields)].find(
    (field) => field.metadata['delta.typeChanges'] !== undefined,
  );
  if (widened !== undefined) {
    refuse(
      `the type of the column "${widened.name}" was changed (typeWidening), which is not supported`,
      'Have the table rewritten with one type for the column.',
    );
  }
  const vector = [...files.values()].find((file) => file.deletionVector);
  if (vector !== undefined) {
    refuse(
      `version ${version} has deletion vectors (deletionVectors), which are not supported; the first is of ${vector.path}`,
      "Have the deleted rows purged (Spark: REORG TABLE … APPLY (PURGE)), after setting the table's delta.enableDeletionVectors to false.",
    );
  }
}

/** Columns whose names in the files are others. */
export function refuseColumnMapping(
  mode: string | null | undefined,
  refuse: (message: string, remedy: string) => void,
): void {
  if (mode === undefined || mode === null || mode === 'none') return;
  refuse(
    `the table maps its columns to other names in the files (columnMapping, mode "${mode}"), which is not supported`,
    'Have the table rewritten without column mapping.',
  );
}
