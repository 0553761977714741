import { parseType, type StructField } from '@shardmill/core';
import { quoteName, quotePath, quoteText } from '../duckdb/quote.js';

/**
 * The actions of a table's log that make up a checkpoint, each with its fields and their types. Those
 * of others (`commitInfo`, `cdc`) are of no account for a table's state.
 */
const TEXTS = 'MAP(VARCHAR, VARCHAR)';
const VECTOR =
  'STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, "offset" INTEGER, sizeInBytes INTEGER, cardinality BIGINT)';
const ROW_IDS = 'baseRowId BIGINT, defaultRowCommitVersion BIGINT';

const ACTIONS: readonly (readonly [name: string, type: string, required: string])[] = [
  [
    'protocol',
    'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
    'minReaderVersion',
  ],
  [
    'metaData',
    `STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options ${TEXTS}), schemaString VARCHAR, partitionColumns VARCHAR[], configuration ${TEXTS}, createdTime BIGINT)`,
    'id',
  ],
  ['txn', 'STRUCT(appId VARCHAR, "version" BIGINT, lastUpdated BIGINT)', 'appId'],
  ['domainMetadata', 'STRUCT("domain" VARCHAR, configuration VARCHAR, removed BOOLEAN)', 'domain'],
  [
    'add',
    `STRUCT(path VARCHAR, partitionValues ${TEXTS}, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR, tags ${TEXTS}, deletionVector ${VECTOR}, ${ROW_IDS}, clusteringProvider VARCHAR)`,
    'path',
  ],
  [
    'remove',
    `STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, partitionValues ${TEXTS}, size BIGINT, tags ${TEXTS}, deletionVector ${VECTOR}, ${ROW_IDS})`,
    'path',
  ],
];

/** A longer line of a commit is refused by the checkpoint's writer. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Actions of commits, by columns, with the version that their file's name has. */
export function commitsSelect(paths: readonly string[]): string {
  const columns = ACTIONS.map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`);
  const names = ACTIONS.map(([name]) => quoteName(name));
  return `SELECT regexp_extract(filename, '(\\d{20})[.]json$', 1)::BIGINT AS of_version, ${names.join(', ')}
    FROM read_json([${paths.map(quotePath).join(', ')}], format = 'newline_delimited', filename = true,
      maximum_object_size = ${MAX_LINE_BYTES}, columns = {${columns.join(', ')}})`;
}

/**
 * Actions of an earlier checkpoint, by the same columns.
 * @param described names and types of the columns that its files have.
 */
export function checkpointSelect(
  paths: readonly string[],
  version: number,
  described: ReadonlyMap<string, string>,
): string {
  const columns = ACTIONS.map(([name, type]) => {
    const own = described.get(name);
    const value = own === undefined ? 'NULL' : converted(quoteName(name), own, type);
    return `(${value})::${type} AS ${quoteName(name)}`;
  });
  return `SELECT ${version}::BIGINT AS of_version, ${columns.join(', ')} FROM ${checkpointFiles(paths)}`;
}

export function checkpointFiles(paths: readonly string[]): string {
  return `read_parquet([${paths.map(quotePath).join(', ')}], union_by_name = true, hive_partitioning = false)`;
}

/** A structure with those fields of the other type that it has, null where it is null. */
function converted(sql: string, from: string, to: string): string {
  const [own, wanted] = [parseType(from), parseType(to)];
  if (wanted.kind !== 'struct') return sql;
  if (own.kind !== 'struct') return 'NULL';
  const there = new Set(own.fields.map(plainName));
  const items = wanted.fields.flatMap((field) => {
    const name = plainName(field);
    return [`${quoteName(name)} := ${there.has(name) ? `${sql}.${quoteName(name)}` : 'NULL'}`];
  });
  return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${items.join(', ')}) END`;
}

function plainName({ name }: StructField): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

const VECTOR_ID = (vector: string): string =>
  `coalesce(${vector}.storageType || ${vector}.pathOrInlineDv || '@' || coalesce(${vector}."offset"::VARCHAR, ''), '')`;

/** The logical file that an action is of, as columns `path` and `vector`. */
const FILE_KEY = `coalesce("add".path, "remove".path) AS path,
  coalesce(${VECTOR_ID('"add".deletionVector')}, '') || ${VECTOR_ID('"remove".deletionVector')} AS vector`;

/** Later versions come first; in one commit, that a file is added comes before that it is removed. */
const RANK = `of_version * 2 + CASE WHEN "add".path IS NOT NULL THEN 1 ELSE 0 END AS rank`;

/** Makes `latest`: which action of each file counts. It alone grows with the number of files. */
export const LATEST_FILES = `CREATE TEMP TABLE latest AS
  SELECT path, vector, max(rank) AS rank FROM (
    SELECT ${FILE_KEY}, ${RANK} FROM actions
    WHERE "add".path IS NOT NULL OR "remove".path IS NOT NULL)
  GROUP BY path, vector`;

export interface Retention {
  readonly removedSince: number;
  readonly transactionsSince: number | undefined;
}

/** The checkpoint's rows, each one action, from the views `actions` and `latest`. */
export function stateSelect({ removedSince, transactionsSince }: Retention): string {
  const last = (name: string, partition: string, where: string): string =>
    `SELECT ${only([name])} FROM actions WHERE ${where}
     QUALIFY row_number() OVER (${partition} ORDER BY of_version DESC) = 1`;
  const transactions =
    transactionsSince === undefined
      ? ''
      : ` WHERE txn.lastUpdated IS NULL OR txn.lastUpdated >= ${transactionsSince}`;
  const unchanged = (name: string): string =>
    `CASE WHEN ${quoteName(name)}.path IS NOT NULL THEN struct_update(${quoteName(name)}, dataChange := false) END`;
  return [
    last('protocol', '', 'protocol.minReaderVersion IS NOT NULL'),
    last('metaData', '', '"metaData".id IS NOT NULL'),
    `SELECT * FROM (${last('txn', 'PARTITION BY txn.appId', 'txn.appId IS NOT NULL')})${transactions}`,
    `SELECT * FROM (${last('domainMetadata', 'PARTITION BY "domainMetadata"."domain"', '"domainMetadata"."domain" IS NOT NULL')})
     WHERE NOT coalesce("domainMetadata".removed, false)`,
    `SELECT ${only([])}, ${unchanged('add')} AS "add", ${unchanged('remove')} AS "remove"
     FROM (SELECT "add", "remove", ${FILE_KEY}, ${RANK} FROM actions
           WHERE "add".path IS NOT NULL OR "remove".path IS NOT NULL)
     JOIN latest USING (path, vector, rank)
     WHERE "add".path IS NOT NULL OR "remove".deletionTimestamp >= ${removedSince}`,
  ].join('\nUNION ALL BY NAME ');
}

/** All columns of the first kinds of actions, null but for those that are named; of files where named. */
function only(named: readonly string[]): string {
  return ACTIONS.filter(([name]) => named.length > 0 || (name !== 'add' && name !== 'remove'))
    .map(([name, type]) =>
      named.includes(name) ? quoteName(name) : `NULL::${type} AS ${quoteName(name)}`,
    )
    .join(', ');
}
