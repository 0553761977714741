import { rm } from 'node:fs/promises';
import { findPython, type PyarrowRun, runPyarrow } from '../baseline-pyarrow.js';
import { makeWideFile } from '../dataset.js';
import { WrongResultError } from '../errors.js';
import { makeSmallModel } from '../models.js';
import type { BenchOptions } from '../options.js';
import { atLeast, below, type WideResult } from '../results.js';
import { type ProductRun, runProduct, writeJob } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { queryRows, quoteText, withDuckDB } from '../sql.js';

const ROWS = 500_000;
const COLUMNS = 200;
const GOAL_RATIO = 2;
const GOAL_BYTES = 700e6;

/** A logistic regression over 200 DOUBLE columns, next to a plain pyarrow loop. @throws WrongResultError */
export async function measureWide(
  { repeat, threads, python }: BenchOptions,
  progress: (text: string) => void,
): Promise<WideResult> {
  progress('wide: dataset');
  const data = await makeWideFile(ROWS, COLUMNS, threads, 'DOUBLE');
  const features = Array.from({ length: COLUMNS }, (_, k) => `c${k}`);
  const columns = ['id'];
  const model = await makeSmallModel(COLUMNS);
  const job = await writeJob({ name: 'bench-wide', input: data.path, model, features, columns });
  const found = findPython(python);
  const products: ProductRun[] = [];
  const loops: PyarrowRun[] = [];
  for (let round = 1; round <= repeat; round++) {
    if (found.program !== undefined) {
      progress(`wide: ${round} of ${repeat}: pyarrow`);
      const request = { data: data.path, model, features, columns, processes: 1, threads };
      const loop = await runPyarrow(found.program, request, threads);
      await requireRows('pyarrow', loop.files);
      loops.push(loop);
    }
    progress(`wide: ${round} of ${repeat}: shardmill`);
    products.push(await runProduct(job, threads));
    await requireRows('shardmill', `${job.output}/*.parquet`);
  }
  progress('wide: memory');
  const { peaks } = await runProduct(job, threads, true);
  await rm(job.output, { recursive: true, force: true });
  if (peaks === undefined) throw new TypeError('the run was not watched');
  const rates = (runs: readonly { readonly wallMs: number }[]): number[] =>
    runs.map(({ wallMs }) => (ROWS / wallMs) * 1000);
  const perCpuSecond = (runs: readonly { readonly cpuMs: number }[]) =>
    spreadOf(runs.map(({ cpuMs }) => (ROWS / cpuMs) * 1000));
  const ratio = loops.length > 0 ? ratioOf(rates(products), rates(loops)) : undefined;
  return {
    rows: ROWS,
    columns: COLUMNS,
    bytes: data.bytes,
    product: { rowsPerSecond: spreadOf(rates(products)), rowsPerCpuSecond: perCpuSecond(products) },
    loop:
      found.program === undefined || ratio === undefined
        ? { leftOut: found.program === undefined ? found.why : 'it was not measured' }
        : {
            rowsPerSecond: spreadOf(rates(loops)),
            rowsPerCpuSecond: perCpuSecond(loops),
            ratio,
            goal: atLeast(GOAL_RATIO, ratio.median),
          },
    peaks,
    memoryGoal: below(GOAL_BYTES, peaks.pssBytes),
  };
}

async function requireRows(name: string, files: string): Promise<void> {
  const sql = `SELECT count(DISTINCT id), count(score) FROM read_parquet(${quoteText(files)})`;
  const [row] = await withDuckDB(1, (connection) => queryRows(connection, sql));
  if (row?.some((count) => Number(count) !== ROWS) !== false) {
    throw new WrongResultError(
      `${name}: distinct ids and scores are ${String(row)}; expected ${ROWS} each`,
    );
  }
}
