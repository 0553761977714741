import type { PlannedPart, PlannedShard, Scoring } from '@shardmill/core';
import { partSource, scannedColumns } from './part-source.js';

/** The rows of a part and of those around it, which are read together. */
export interface NearRows {
  /** Says which rows they are, of which state of which file. */
  readonly key: string;
  /** Makes a table of them. */
  readonly load: string;
  /** Of which file, and in which state, they have to be. */
  readonly file: { readonly path: string; readonly etag: string };
  /** The rows of the part alone: as `partSource`, from that table. */
  readonly source: string;
}

/** To find the rows of a larger part costs little, next to what is done with them. */
const MAX_PART_ROWS = 4096;
/** How many rows are read for the sake of one part: as many as 16 parts of 1,000 rows have. */
const NEAR_ROWS = 16_384;
/** Others could be of any size. */
const SMALL_TYPE =
  /^(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|DATE|TIME.*|DECIMAL\(.*\)|VARCHAR)$/;

/**
 * Of small parts of a large file each statement would open the file, look through its footer and
 * decode pages up to its rows: several times what scoring them takes.
 * @param pathOf the local path at which a planned file can be read.
 * @param table a name that nothing else has.
 * @returns undefined where the part is read by itself.
 */
export function nearRows(
  scoring: Scoring,
  shard: PlannedShard,
  part: PlannedPart,
  pathOf: (uri: string) => string,
  table: string,
): NearRows | undefined {
  const [slice, ...others] = part.slices;
  const file = slice === undefined ? undefined : shard.files[slice.file];
  if (slice === undefined || file === undefined || others.length > 0) return undefined;
  if (slice.rows > MAX_PART_ROWS || file.rows < NEAR_ROWS) return undefined;
  // Of other files only what this part needs is here.
  if (pathOf(file.uri) !== file.uri) return undefined;
  const { columns, used, partitionColumns } = scoring.input;
  const isSmall = (name: string): boolean =>
    columns.some((column) => column.name === name && SMALL_TYPE.test(column.type));
  const own = used.filter((name) => !partitionColumns.some((column) => column.name === name));
  if (!own.every(isSmall)) return undefined;
  const first = Math.floor(slice.firstRow / NEAR_ROWS) * NEAR_ROWS;
  // A part that begins among the last of them ends beyond.
  const last = Math.min(file.rows, first + NEAR_ROWS + MAX_PART_ROWS) - 1;
  const { stored, from } = scannedColumns(scoring, file, used, pathOf);
  return {
    key: JSON.stringify([file.uri, file.etag, first]),
    load: `CREATE OR REPLACE TABLE ${table} AS SELECT ${[...stored, 'file_row_number'].join(', ')}
      FROM ${from} WHERE file_row_number BETWEEN ${first} AND ${last}`,
    file: { path: file.uri, etag: file.etag },
    source: partSource(scoring, shard, part, used, pathOf, { table }),
  };
}
