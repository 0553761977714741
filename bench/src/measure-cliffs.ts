import { rm } from 'node:fs/promises';
import { type Dataset, makeDataset, makeSmallFiles, makeWideFile } from './dataset.js';
import { WrongResultError } from './errors.js';
import { makeSmallModel } from './models.js';
import type { BenchOptions } from './options.js';
import type { CliffResult } from './results.js';
import { type ProductRun, runProduct, writeJob } from './run-product.js';
import { spreadOf } from './spread.js';
import { queryRows, quoteText, withDuckDB } from './sql.js';

/** A dataset of an odd shape. */
interface Cliff {
  readonly name: string;
  readonly data: Dataset;
  readonly features: readonly string[];
  /** Rows of a part; the default where left out. */
  readonly partRows?: number;
}

const SMALL_PARTS = 4000;
const SMALL_PART_ROWS = 1000;
const WIDE_ROWS = 20_000;
const WIDE_COLUMNS = 2000;

/** Times datasets whose shape makes careless programs slow or fat. @throws WrongResultError */
export async function measureCliffs(
  options: BenchOptions,
  progress: (text: string) => void,
): Promise<CliffResult[]> {
  const results: CliffResult[] = [];
  let fixedReadBytes: number | undefined;
  for (const cliff of await makeCliffs(options)) {
    progress(`cliffs: ${cliff.name}`);
    const { runs, peaks } = await measure(cliff, options);
    // The first has one row: what it reads is the program.
    fixedReadBytes ??= peaks.readBytes;
    results.push({
      name: cliff.name,
      data: cliff.data,
      wallMs: spreadOf(runs.map((run) => run.wallMs)),
      peaks,
      readBytes: Math.max(0, peaks.readBytes - fixedReadBytes),
    });
  }
  return results;
}

async function makeCliffs({ rows, threads }: BenchOptions): Promise<Cliff[]> {
  const compression = 'snappy';
  const features = ['f0', 'f1', 'f2'];
  return [
    {
      name: '1 row',
      data: await makeDataset({ rows: 1, compression, threads }),
      features,
    },
    {
      name: '0 rows',
      data: await makeDataset({ rows: 0, compression, threads }),
      features,
    },
    {
      name: '10,000 files of 10 rows',
      data: await makeSmallFiles(10_000, 10),
      features,
    },
    {
      name: `${WIDE_COLUMNS.toLocaleString('en')} columns, 3 used`,
      data: await makeWideFile(WIDE_ROWS, WIDE_COLUMNS, threads),
      features: ['c7', 'c900', 'c1999'],
    },
    {
      name: 'one row group',
      data: await makeDataset({ rows, compression, rowGroupRows: rows, threads }),
      features,
    },
    {
      name: `${SMALL_PARTS.toLocaleString('en')} parts of ${SMALL_PART_ROWS.toLocaleString('en')} rows`,
      data: await makeDataset({ rows: SMALL_PARTS * SMALL_PART_ROWS, compression, threads }),
      features,
      partRows: SMALL_PART_ROWS,
    },
  ];
}

async function measure(
  { name, data, features, partRows }: Cliff,
  { repeat, threads }: BenchOptions,
) {
  const job = await writeJob({
    name: 'bench-cliff',
    input: data.path,
    model: await makeSmallModel(features.length),
    features,
    columns: ['id'],
    partRows,
  });
  const runs: ProductRun[] = [];
  for (let round = 1; round <= repeat; round++) {
    runs.push(await runProduct(job, threads));
    const rows = await countRows(`${job.output}/*.parquet`);
    if (rows !== data.rows) {
      throw new WrongResultError(`${name}: ${rows} rows came out; expected ${data.rows}`);
    }
  }
  const { peaks } = await runProduct(job, threads, true);
  await rm(job.output, { recursive: true, force: true });
  if (peaks === undefined) throw new TypeError('the run was not watched');
  return { runs, peaks };
}

async function countRows(files: string): Promise<number> {
  return withDuckDB(1, async (connection) => {
    const sql = `SELECT count(score) FROM read_parquet(${quoteText(files)})`;
    return Number((await queryRows(connection, sql))[0]?.[0]);
  });
}
