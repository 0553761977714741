import { type Column, type Plan, ShardmillError } from '@shardmill/core';
import type { Snapshot } from '../log/snapshot.js';
import { refuseColumnMapping } from '../read/reader-features.js';
import { sameType } from '../schema/same-type.js';
import { sqlTypeOf } from '../schema/sql-type.js';
import { allFields, parseTableSchema, type TableField } from '../schema/table-schema.js';
import { fieldsOf } from './new-table.js';

/** What is to be written to a table. */
export interface TargetColumns {
  readonly mode: Plan['mode'];
  /** The output's columns, with DuckDB's types. */
  readonly columns: readonly Column[];
  /** Those of the columns that divide the rows into folders. */
  readonly partitionBy?: readonly string[] | undefined;
}

/** Writer features that ask for nothing where a table does not make use of them; that is checked. */
const WRITER_FEATURES: ReadonlySet<string> = new Set([
  'appendOnly',
  'changeDataFeed',
  'checkConstraints',
  'columnMapping',
  'deletionVectors',
  'domainMetadata',
  'generatedColumns',
  'identityColumns',
  'inCommitTimestamp',
  'invariants',
  'timestampNtz',
  'typeWidening',
  'typeWidening-preview',
  'v2Checkpoint',
  'vacuumProtocolCheck',
]);
const MAX_WRITER_VERSION = 7;
const MAX_READER_VERSION = 3;

/**
 * Holds a table against what is to be written to it.
 * @param snapshot undefined where there is no table yet: the columns alone are checked.
 * @param where the table's folder, for messages.
 * @throws TABLE_UNSUPPORTED, TABLE_MISMATCH with what differs
 */
export function checkTarget(
  snapshot: Snapshot | undefined,
  target: TargetColumns,
  where: string,
): void {
  if (snapshot === undefined) {
    fieldsOf(target.columns);
    return;
  }
  const fields = parseTableSchema(snapshot.metadata.schemaString, where);
  refuseWriterFeatures(snapshot, fields, target.mode, where);
  refuseDifferences(fields, target.columns, where);
  refuseOtherPartitions(snapshot.metadata.partitionColumns, target.partitionBy ?? [], where);
}

function refuseWriterFeatures(
  { protocol, metadata }: Snapshot,
  fields: readonly TableField[],
  mode: Plan['mode'],
  where: string,
): void {
  const refuse = (
    message: string,
    remedy = 'Write to another table, and have it merged.',
  ): void => {
    throw new ShardmillError('TABLE_UNSUPPORTED', message, { where, remedy });
  };
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = protocol;
  if (minWriterVersion > MAX_WRITER_VERSION || minReaderVersion > MAX_READER_VERSION) {
    refuse(
      `the table needs reader version ${minReaderVersion} and writer version ${minWriterVersion}; up to ${MAX_READER_VERSION} and ${MAX_WRITER_VERSION} are supported`,
    );
  }
  const named = [...new Set([...(writerFeatures ?? []), ...(readerFeatures ?? [])])];
  const unknown = named.filter((name) => !WRITER_FEATURES.has(name));
  if (unknown.length > 0) {
    refuse(`the table needs writer features that are not supported: ${unknown.join(', ')}`);
  }
  const { configuration } = metadata;
  if (metadata.format.provider !== 'parquet') {
    refuse(`the files of the table are ${metadata.format.provider}, not Parquet`);
  }
  refuseColumnMapping(configuration['delta.columnMapping.mode'], refuse);
  const isOn = (property: string): boolean => configuration[property]?.toLowerCase() === 'true';
  if (mode !== 'append' && isOn('delta.appendOnly')) {
    refuse(
      `the table is for appending only (delta.appendOnly), and the mode is ${mode}`,
      'Use --mode append, or another table.',
    );
  }
  for (const property of UNSUPPORTED_PROPERTIES) {
    if (isOn(property)) refuse(`the table has ${property}, which is not supported`);
  }
  const constraint = Object.keys(configuration).find((key) => key.startsWith('delta.constraints.'));
  if (constraint !== undefined) {
    refuse(`the table has the constraint ${constraint}, which is not checked here`);
  }
  for (const field of allFields(fields)) {
    const key = Object.keys(field.metadata).find((name) => UNSUPPORTED_KEYS.test(name));
    if (key !== undefined) refuse(`the column "${field.name}" has ${key}, which is not supported`);
  }
}

const UNSUPPORTED_PROPERTIES = [
  'delta.enableInCommitTimestamps',
  'delta.enableRowTracking',
  'delta.enableIcebergCompatV1',
  'delta.enableIcebergCompatV2',
] as const;
const UNSUPPORTED_KEYS =
  /^(delta\.(invariants|generationExpression|identity\..*|typeChanges)|CURRENT_DEFAULT)$/;

function refuseDifferences(
  fields: readonly TableField[],
  columns: readonly Column[],
  where: string,
): void {
  const theirs = new Map(fields.map((field) => [field.name, field]));
  const ours = new Set(columns.map(({ name }) => name));
  const differences = [
    ...columns.flatMap(({ name, type }) => {
      const field = theirs.get(name);
      if (field === undefined) return [`the table has no column "${name}" (${type})`];
      const their = sqlTypeOf(field.type);
      if (their !== undefined && sameType(listsOf(type), their)) {
        return field.nullable ? [] : [`"${name}" must not be null in the table`];
      }
      return [`"${name}" is ${their ?? JSON.stringify(field.type)} in the table, but ${type} here`];
    }),
    ...fields.flatMap(({ name }) => (ours.has(name) ? [] : [`the job writes no column "${name}"`])),
  ];
  if (differences.length === 0) return;
  const some = differences.slice(0, MAX_DIFFERENCES).join('; ');
  const more = differences.length - MAX_DIFFERENCES;
  throw new ShardmillError(
    'TABLE_MISMATCH',
    `the table has other columns: ${some}${more > 0 ? `; and ${more} more` : ''}`,
    { where },
  );
}

const MAX_DIFFERENCES = 5;

/** The order of partition columns is that of folders alone, which mean nothing to readers of a table. */
function refuseOtherPartitions(
  theirs: readonly string[],
  ours: readonly string[],
  where: string,
): void {
  if (theirs.length === ours.length && theirs.every((name) => ours.includes(name))) return;
  const [table, job] = [theirs, ours].map((names) =>
    names.length === 0 ? 'not partitioned' : `partitioned by ${names.join(', ')}`,
  );
  throw new ShardmillError(
    'TABLE_MISMATCH',
    `the table is ${table}, the output of the job ${job}`,
    {
      where,
      remedy:
        theirs.length === 0
          ? 'Leave output.partitionBy out, or write to another table.'
          : `Set output.partitionBy to [${theirs.join(', ')}], or write to another table.`,
    },
  );
}

/** Columns of a fixed length are written as lists. */
function listsOf(type: string): string {
  return type.replaceAll(/\[\d+\]/g, '[]');
}
