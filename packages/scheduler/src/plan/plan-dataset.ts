import {
  type BoundFeature,
  type Column,
  planReader,
  NameIndex,
  planProfile,
  type PlannedProfile,
  type PlannedShard,
  quoteName,
  type Scoring,
  ShardmillError,
  sqlNameLookup,
  type Stores,
  suggestion,
  type JobBinder,
  type TensorType,
} from '@shardmill/core';
import { type BoundColumns, bindInput } from './bind-input.js';
import type { InputListing } from './list/list-input.js';
import { splitShards } from './split/split-shards.js';

export interface PlanDatasetRequest {
  readonly listing: Omit<InputListing, 'sources' | 'notices'>;
  /** Names of the columns that are profiled; all that can be where left out. */
  readonly columns?: readonly string[] | undefined;
  readonly describeInput: JobBinder['describeInput'];
  readonly stores: Stores;
}

/** How a data set is read to be profiled without a job: its columns are the features. */
export interface DatasetPlan {
  readonly input: Scoring['input'];
  readonly features: readonly BoundFeature[];
  readonly profile: PlannedProfile;
  readonly shards: readonly PlannedShard[];
  readonly rows: number;
  /** Columns without numbers or texts. */
  readonly leftOut: readonly Column[];
  /** What is not read as it was written. */
  readonly notices: readonly string[];
}

/** A part is one scan; a shard is what is fetched and kept on this machine at once. */
const SPLIT = { partRows: 250_000, shardParts: 8 };

/**
 * Plans the profile of a data set. Its columns are read as those of a job's input are: files of several schemas are
 * one table, and partition columns are among its columns.
 * @throws COLUMN_NOT_FOUND, PROFILE_COLUMN_TYPE, INPUT_SCHEMA_MISMATCH, INPUT_NOT_PARQUET, …
 */
export async function planDataset({
  listing,
  columns: wanted,
  describeInput,
  stores,
}: PlanDatasetRequest): Promise<DatasetPlan> {
  const { bound, columns, layouts, files, notices } = await bindInput({
    job: { input: { missingColumns: 'null' }, nulls: 'reject', output: { passThrough: [] } },
    bind: async (all) => bindColumns(chooseColumns(all, wanted), all),
    describeInput,
    listing: { ...listing, sources: [] },
    read: planReader(stores),
  });
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const toSplit = listing.files.flatMap(({ uri, bytes, etag, partition }, index) => {
    const scanned = files[index];
    if (scanned === undefined) return [];
    const { layout, kept } = scanned;
    const file = { uri, bytes, etag, rows: scanned.rows, layout, partition: [...partition] };
    return [{ file, rowGroups: kept }];
  });
  const { features, leftOut, used } = bound;
  const profile = planProfile(
    { features: wanted === undefined ? true : [...used], rows: 'all' },
    features,
    rows,
  );
  return {
    input: {
      columns: [...columns],
      used: [...used],
      layouts: layouts.map((layout) => [...layout]),
      partitionColumns: [...listing.partitionColumns],
      where: null,
    },
    features,
    profile: { ...profile, omitted: profile.omitted + leftOut.length },
    shards: splitShards(toSplit, SPLIT),
    rows,
    leftOut,
    notices: [...notices, ...noticeOfMany(profile.features.length, features.length)],
  };
}

function noticeOfMany(profiled: number, all: number): string[] {
  if (profiled === all) return [];
  return [
    `the first ${profiled} of ${all} columns of numbers and texts are profiled; --columns names others`,
  ];
}

interface ChosenColumns {
  readonly chosen: readonly Column[];
  readonly leftOut: readonly Column[];
}

/** @throws COLUMN_NOT_FOUND, PROFILE_COLUMN_TYPE */
function chooseColumns(
  columns: readonly Column[],
  wanted: readonly string[] | undefined,
): ChosenColumns {
  if (wanted === undefined) {
    const chosen = columns.filter(({ type }) => tensorTypeOf(type) !== undefined);
    if (chosen.length > 0) {
      return { chosen, leftOut: columns.filter((column) => !chosen.includes(column)) };
    }
    const seen = columns.slice(0, 5).map(({ name, type }) => `"${name}" is ${type}`);
    throw new ShardmillError(
      'PROFILE_COLUMN_TYPE',
      `no column has numbers or texts: ${seen.join(', ')}`,
    );
  }
  const index = new NameIndex(columns);
  const chosen = new Set<Column>();
  for (const name of wanted) {
    const [column] = index.find(name);
    if (column === undefined) {
      const names = columns.map((known) => known.name);
      throw new ShardmillError(
        'COLUMN_NOT_FOUND',
        `the data set has no column "${name}".${suggestion(name, names, 'Its columns are')}`,
        { where: '--columns' },
      );
    }
    if (tensorTypeOf(column.type) === undefined) {
      throw new ShardmillError(
        'PROFILE_COLUMN_TYPE',
        `the column "${column.name}" is ${column.type}; expected numbers, booleans or texts`,
        { where: '--columns' },
      );
    }
    chosen.add(column);
  }
  return { chosen: [...chosen], leftOut: [] };
}

interface BoundDataset extends BoundColumns {
  readonly features: readonly BoundFeature[];
  readonly leftOut: readonly Column[];
}

function bindColumns({ chosen, leftOut }: ChosenColumns, all: readonly Column[]): BoundDataset {
  const sqlName = sqlNameLookup(all, 'column');
  return {
    used: chosen.map(({ name }) => name),
    predicate: { kind: 'unknown' },
    plain: [],
    rounded: [],
    notices: [],
    leftOut,
    features: chosen.flatMap(({ name, type: sqlType }) => {
      const type = tensorTypeOf(sqlType);
      if (type === undefined) return [];
      const quoted = quoteName(sqlName(name));
      const sql = sqlType in TENSOR_TYPES ? quoted : `CAST(${quoted} AS ${CASTS[type] ?? sqlType})`;
      const columns = [{ label: name, sql }];
      return [{ input: name, type, layout: 'scalars', width: 1, rowShape: [1], columns }];
    }),
  };
}

/** Of SQL types whose values are those of a tensor as they are. */
const TENSOR_TYPES: Readonly<Record<string, TensorType>> = {
  FLOAT: 'float32',
  DOUBLE: 'float64',
  TINYINT: 'int8',
  SMALLINT: 'int16',
  INTEGER: 'int32',
  BIGINT: 'int64',
  UTINYINT: 'uint8',
  USMALLINT: 'uint16',
  UINTEGER: 'uint32',
  UBIGINT: 'uint64',
  BOOLEAN: 'bool',
  VARCHAR: 'string',
};

/** What others are converted to. */
const CASTS: Partial<Record<TensorType, string>> = { float64: 'DOUBLE', string: 'VARCHAR' };

/** The type by which a column is profiled; undefined where it has no profile. */
function tensorTypeOf(sqlType: string): TensorType | undefined {
  if (/^(DECIMAL\(.*\)|U?HUGEINT)$/.test(sqlType)) return 'float64';
  if (sqlType.startsWith('ENUM')) return 'string';
  return TENSOR_TYPES[sqlType];
}
