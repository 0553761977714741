import { constants, createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { version as duckdbVersion } from '@duckdb/node-api';
import type { Compression } from './options.js';
import { quoteText, withDuckDB } from './sql.js';
import { workPath } from './work-folder.js';

/** Part of the cache's key: raise it when the data that this file makes changes. */
const GENERATION = 2;
export const ROW_GROUP_ROWS = 122_880;
export const FEATURES: readonly string[] = Array.from({ length: 30 }, (_, index) => `f${index}`);

/** Parquet on disk. */
export interface Dataset {
  /** A file, or a folder of files. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
}

/** Options of {@link makeDataset}. */
export interface DatasetOptions {
  readonly rows: number;
  readonly compression: Compression;
  /** 122,880 when left out. */
  readonly rowGroupRows?: number;
  readonly threads: number;
}

/**
 * One file of customers: `id` BIGINT from 0 on, `name` VARCHAR, `ts` TIMESTAMP, and 30 features
 * FLOAT: `f0` to `f14` about normal, `f15` to `f29` uniform in [0, 1). Every value is made from a
 * hash of its row and column, so that the same options give the same data. Made once, then reused.
 */
export async function makeDataset(options: DatasetOptions): Promise<Dataset> {
  const { rows, compression, rowGroupRows = ROW_GROUP_ROWS, threads } = options;
  const file = await workPath(`data-${rows}-${compression}-${rowGroupRows}-${CACHE_KEY}.parquet`);
  if (!existsSync(file)) {
    await writeFile(file, customers(rows), { compression, rowGroupRows, threads });
  }
  await warmPageCache(file);
  return { path: file, rows, bytes: (await stat(file)).size, files: 1 };
}

/** A folder of `files` copies of a few distinct files of `rowsPerFile` rows each. */
export async function makeSmallFiles(files: number, rowsPerFile: number): Promise<Dataset> {
  const sources = (offset: number): string => customers(rowsPerFile, offset * rowsPerFile);
  return makeFolder(`small-${files}x${rowsPerFile}`, files, rowsPerFile, sources, ROW_GROUP_ROWS);
}

/** DuckDB writes no row group of fewer rows. */
const MIN_ROW_GROUP_ROWS = 2048;

/**
 * A folder for the planner: its footers are real, with statistics that differ, and its data hardly
 * takes room, since each row group repeats one row.
 */
export async function makePlannerFolder(files: number, rowGroups: number): Promise<Dataset> {
  const rows = rowGroups * MIN_ROW_GROUP_ROWS;
  const sources = (offset: number): string => {
    const value = `range // ${MIN_ROW_GROUP_ROWS} + ${offset * rowGroups}`;
    const features = FEATURES.map((name, index) => `(${value} + ${index})::FLOAT AS ${name}`);
    return `SELECT ${value} AS id, 'customer' AS name, TIMESTAMP '2026-01-01' AS ts,
      ${features.join(', ')} FROM range(${rows})`;
  };
  return makeFolder(`planner-${files}x${rowGroups}`, files, rows, sources, MIN_ROW_GROUP_ROWS);
}

/** One file of `id` BIGINT and uniform columns `c0`, `c1`, …. */
export async function makeWideFile(
  rows: number,
  columns: number,
  threads: number,
  type: 'FLOAT' | 'DOUBLE' = 'FLOAT',
): Promise<Dataset> {
  const suffix = type === 'FLOAT' ? '' : '-double';
  const file = await workPath(`wide-${rows}x${columns}${suffix}-${CACHE_KEY}.parquet`);
  if (!existsSync(file)) {
    const list = Array.from(
      { length: columns },
      (_, k) => `${uniform('range', k)}::${type} AS c${k}`,
    );
    const select = `SELECT range AS id, ${list.join(', ')} FROM range(${rows})`;
    await writeFile(file, select, {
      compression: 'snappy',
      rowGroupRows: ROW_GROUP_ROWS,
      threads,
    });
  }
  await warmPageCache(file);
  return { path: file, rows, bytes: (await stat(file)).size, files: 1 };
}

/** DuckDB's hash may change with its version. */
const CACHE_KEY = `g${GENERATION}-duckdb${duckdbVersion().replace(/^v/, '')}`;

function customers(rows: number, firstId = 0): string {
  const id = `(range + ${firstId})`;
  const features = FEATURES.map((name, index) => {
    const value = index < FEATURES.length / 2 ? normal(id, index) : uniform(id, index);
    return `${value} AS ${name}`;
  });
  // 1767225600 s is the first moment of 2026; the year has 31,536,000 s.
  return `SELECT ${id}::BIGINT AS id,
    'customer-' || (${bits(id, 100)} % 1000000) AS name,
    make_timestamp(1767225600000000 + (${bits(id, 101)} % 31536000000000)::BIGINT) AS ts,
    ${features.join(', ')}
    FROM range(${rows})`;
}

/** More than there are columns. */
const HASHES_PER_ROW = 4096;

/**
 * 64 random bits. DuckDB's hash of several values is an XOR of theirs: all columns of a row would be one
 * number, and rows would take much fewer ways through trees than independent features do.
 */
function bits(id: string, column: number): string {
  return `hash(${id}::BIGINT * ${HASHES_PER_ROW} + ${column})`;
}

/** Uniform in [0, 1) with the 24 bits that a FLOAT holds. */
function uniform(id: string, column: number): string {
  return `((${bits(id, column)} >> 40)::DOUBLE / 16777216)::FLOAT`;
}

/** The sum of four uniform values, scaled to mean 0 and standard deviation 1. */
function normal(id: string, column: number): string {
  const parts = [0, 16, 32, 48].map((shift) => `((${bits(id, column)} >> ${shift}) & 65535)`);
  return `(((${parts.join(' + ')})::DOUBLE / 65536 - 2) * sqrt(3))::FLOAT`;
}

const DISTINCT_FILES = 16;
const COPIES_AT_ONCE = 64;

async function makeFolder(
  name: string,
  files: number,
  rowsPerFile: number,
  source: (index: number) => string,
  rowGroupRows: number,
): Promise<Dataset> {
  const folder = await workPath(`${name}-${CACHE_KEY}`);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    const fileAt = (index: number): string =>
      path.join(unfinished, `data-${String(index).padStart(6, '0')}.parquet`);
    const distinct = Math.min(DISTINCT_FILES, files);
    for (let index = 0; index < distinct; index++) {
      await writeFile(fileAt(index), source(index), {
        compression: 'snappy',
        rowGroupRows,
        threads: 1,
      });
    }
    for (let first = distinct; first < files; first += COPIES_AT_ONCE) {
      const count = Math.min(COPIES_AT_ONCE, files - first);
      await Promise.all(
        Array.from({ length: count }, (_, k) =>
          copyFile(fileAt(k % distinct), fileAt(first + k), constants.COPYFILE_FICLONE),
        ),
      );
    }
    await rename(unfinished, folder);
  }
  const one = await stat(path.join(folder, 'data-000000.parquet'));
  return { path: folder, rows: files * rowsPerFile, bytes: files * one.size, files };
}

interface FileOptions {
  readonly compression: Compression;
  readonly rowGroupRows: number;
  readonly threads: number;
}

/** Writes under another name first: what has the right name is whole. */
async function writeFile(file: string, select: string, options: FileOptions): Promise<void> {
  const { compression, rowGroupRows, threads } = options;
  const unfinished = `${file}.unfinished`;
  await withDuckDB(threads, (connection) =>
    connection.run(
      `COPY (${select}) TO ${quoteText(unfinished)}
       (FORMAT parquet, COMPRESSION ${compression}, ROW_GROUP_SIZE ${rowGroupRows})`,
    ),
  );
  await rename(unfinished, file);
}

/** Nothing that is measured is to wait for the disk just because it came first. */
async function warmPageCache(file: string): Promise<void> {
  const stream = createReadStream(file, { highWaterMark: 2 ** 20 });
  for await (const piece of stream) void piece;
}
