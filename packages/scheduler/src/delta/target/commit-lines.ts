import { createHash } from 'node:crypto';
import type { Column, PartitionValues, Plan } from '@shardmill/core';
import type { AddFile } from '../log/actions.js';
import type { Snapshot } from '../log/snapshot.js';
import type { TableField } from '../schema/table-schema.js';
import { fieldsOf } from './new-table.js';
import { needsTimestampNtz } from './table-type.js';

/** A part that becomes a file of the table. */
export interface CommittedPart {
  readonly key: string;
  readonly bytes: number;
  /** The statistics, as the text of a JSON object. */
  readonly statistics: string;
  /** Of a file that has the rows of one partition, the values of its columns. */
  readonly partition?: PartitionValues | undefined;
}

export interface CommitRequest {
  readonly runId: string;
  readonly mode: Plan['mode'];
  /** The files that it removes, from `replacedFiles`. */
  readonly replaced: readonly AddFile[];
  readonly columns: readonly Column[];
  readonly partitionBy?: readonly string[] | undefined;
  readonly parts: readonly CommittedPart[];
  /** The table as it is; undefined where this commit creates it. */
  readonly snapshot: Snapshot | undefined;
  readonly now: Date;
  readonly version: string;
}

/** The application that a run is to the table: its one transaction has the version 1. */
export function transactionOf(runId: string): string {
  return `shardmill:${runId}`;
}

/** A commit of a run, as the lines of its file: all of it is visible at once, or nothing. */
export function commitLines(request: CommitRequest): string {
  const { runId, mode, replaced, partitionBy = [], parts, snapshot, now, version } = request;
  const at = now.getTime();
  const commitInfo = {
    timestamp: at,
    operation: 'WRITE',
    operationParameters: { mode: OPERATIONS[mode], partitionBy: JSON.stringify(partitionBy) },
    ...(snapshot !== undefined && { readVersion: snapshot.version }),
    isBlindAppend: mode === 'append' || mode === 'create',
    engineInfo: `Shardmill/${version}`,
    txnId: runId,
  };
  const actions: object[] = [
    { commitInfo },
    ...(snapshot === undefined ? creation(request, at) : []),
    { txn: { appId: transactionOf(runId), version: 1, lastUpdated: at } },
    ...replaced.map((file) => removal(file, at)),
    ...parts.map((part) => addition(part, at)),
  ];
  return actions.map((action) => `${JSON.stringify(action)}\n`).join('');
}

/** As other writers name them; that partitions are replaced dynamically is an overwrite, too. */
const OPERATIONS: Readonly<Record<Plan['mode'], string>> = {
  create: 'ErrorIfExists',
  append: 'Append',
  overwrite: 'Overwrite',
  'replace-partitions': 'Overwrite',
};

function creation({ runId, columns, partitionBy = [] }: CommitRequest, at: number): object[] {
  const fields = fieldsOf(columns);
  const needsFeature = fields.some(({ type }) => needsTimestampNtz(type));
  const features = ['timestampNtz'];
  const protocol = needsFeature
    ? {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: features,
        writerFeatures: features,
      }
    : { minReaderVersion: 1, minWriterVersion: 2 };
  const metaData = {
    id: tableId(runId),
    format: { provider: 'parquet', options: {} },
    schemaString: schemaString(fields),
    partitionColumns: [...partitionBy],
    configuration: {},
    createdTime: at,
  };
  return [{ protocol }, { metaData }];
}

function schemaString(fields: readonly TableField[]): string {
  return JSON.stringify({ type: 'struct', fields });
}

/** A UUID that is the same whichever process commits the run. */
function tableId(runId: string): string {
  const hex = createHash('sha256').update(`table of ${runId}`).digest('hex');
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...groups, hex.slice(20, 32)].join('-');
}

function removal({ path, size, partitionValues, deletionVector }: AddFile, at: number): object {
  return {
    remove: {
      path,
      deletionTimestamp: at,
      dataChange: true,
      extendedFileMetadata: true,
      partitionValues,
      size,
      ...(deletionVector && { deletionVector }),
    },
  };
}

/** Texts of partition values are as DuckDB writes them, which is how the protocol has them. */
function addition({ key, bytes, statistics, partition }: CommittedPart, at: number): object {
  return {
    add: {
      // Names of folders have escaped values already: "%" of these is escaped once more.
      path: encodeURI(key),
      partitionValues: partition ?? {},
      size: bytes,
      modificationTime: at,
      dataChange: true,
      stats: statistics,
    },
  };
}
