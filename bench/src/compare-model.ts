import { rm } from 'node:fs/promises';
import { type DuckDBRun, runDuckDB } from './baseline-duckdb.js';
import { OnnxRuntimeBaseline } from './baseline-onnxruntime.js';
import { findPython, type PyarrowRun, runPyarrow } from './baseline-pyarrow.js';
import { type RowLoopRun, runRowLoop } from './baseline-parquetjs.js';
import { checkResult, type Differences } from './check-result.js';
import { startCpuMeter } from './cpu-meter.js';
import { type Dataset, FEATURES, makeDataset } from './dataset.js';
import type { BenchModel } from './models.js';
import type { BenchOptions, ModelName } from './options.js';
import { atLeast, type Comparison, type ModelResult } from './results.js';
import { type ProductJob, type ProductRun, runProduct, writeJob } from './run-product.js';
import { ratioOf, type Spread, spreadOf } from './spread.js';
import { workPath } from './work-folder.js';

/** Goals: shares of a baseline's rows per second. */
const GOALS = { lrOfDuckDB: 0.5, lrOfParquetjs: 100 };
const GOALS_OF_ONNX_RUNTIME: Partial<Record<ModelName, number>> = {
  trees: 5,
  lightgbm: 5,
  forest: 3,
};
const GOALS_OF_PYARROW: Partial<Record<ModelName, number>> = { lr: 1.1, forest: 2.5 };

/** The columns that a result has besides the score. */
const COLUMNS = ['id', 'name', 'ts'];
const ROW_LOOP_ROWS = 20_000;

/**
 * Measures a model: in each repeat the baselines one after the other, then the product, so that a
 * machine that gets slower or faster does so for all of them. Each result is checked.
 * @throws WrongResultError
 */
export async function compareModel(
  model: BenchModel,
  data: Dataset,
  options: BenchOptions,
  progress: (text: string) => void,
): Promise<ModelResult> {
  const { threads, repeat } = options;
  const say = (what: string): void => progress(`${model.name}: ${what}`);
  const job = await productJob(model, data);
  const onnxRuntime = new OnnxRuntimeBaseline({ model: model.path, data: data.path, threads });
  say('trying out ONNX Runtime');
  await onnxRuntime.tryOut();

  const readMeter = startCpuMeter();
  const products: ProductRun[] = [];
  const duckdbs: DuckDBRun[] = [];
  const rowLoops: RowLoopRun[] = [];
  const python = findPython(options.python);
  const scripts: PyarrowRun[] = [];
  const differences: Differences[] = [];
  for (let round = 1; round <= repeat; round++) {
    say(`${round} of ${repeat}: ONNX Runtime`);
    await onnxRuntime.measure();
    if (model.name === 'lr') {
      say(`${round} of ${repeat}: parquetjs-lite`);
      rowLoops.push(await measureRowLoop(model, threads));
    }
    say(`${round} of ${repeat}: DuckDB`);
    duckdbs.push(await measureDuckDB(model, data, threads));
    if (python.program !== undefined) {
      say(`${round} of ${repeat}: pyarrow`);
      scripts.push(await measurePyarrow(python.program, model, data, threads));
    }
    say(`${round} of ${repeat}: shardmill`);
    products.push(await runProduct(job, threads));
    differences.push(
      await checkResult(
        { name: 'shardmill', files: `${job.output}/*.parquet`, data, model },
        threads,
      ),
    );
  }
  await rm(job.output, { recursive: true, force: true });

  const { othersMs, wallMs } = readMeter();
  const fastest = onnxRuntime.fastest();
  const result: Omit<ModelResult, 'comparisons'> = {
    model: model.name,
    description: model.description,
    product: {
      wallMs: products.map((run) => run.wallMs),
      elapsedMs: products.map((run) => run.elapsedMs),
      coresBusy: spreadOf(products.map((run) => run.cpuMs / run.wallMs)),
      rowsPerCpuSecond: rowsPerCpuSecond(data, products),
      parts: products[0]?.parts ?? 0,
    },
    onnxRuntime: fastest,
    duckdb: {
      wallMs: duckdbs.map((run) => run.wallMs),
      queryMs: duckdbs.map((run) => run.queryMs),
      coresBusy: spreadOf(duckdbs.map((run) => run.cpuMs / run.wallMs)),
      rowsPerCpuSecond: rowsPerCpuSecond(data, duckdbs),
    },
    pyarrow:
      python.program === undefined
        ? { leftOut: python.why }
        : {
            wallMs: scripts.map((run) => run.wallMs),
            rowsPerCpuSecond: rowsPerCpuSecond(data, scripts),
          },
    ...(rowLoops.length > 0 && {
      parquetjsLite: {
        rows: ROW_LOOP_ROWS,
        rowsPerSecond: rowLoops.map((run) => run.rowsPerSecond),
      },
    }),
    coresOfOthers: othersMs / wallMs,
    differences: largest(differences),
  };
  return { ...result, comparisons: compare(result, data.rows) };
}

/** The job of a model: 30 features in, id, name, ts and score out. */
export function productJob(model: BenchModel, data: Dataset): Promise<ProductJob> {
  return writeJob({
    name: `bench-${model.name}`,
    input: data.path,
    model: model.path,
    features: FEATURES,
    columns: COLUMNS,
    treeKernel: model.treeKernel,
  });
}

async function measureDuckDB(
  model: BenchModel,
  data: Dataset,
  threads: number,
): Promise<DuckDBRun> {
  const result = await workPath('out', 'duckdb.parquet');
  const run = await runDuckDB(data.path, result, threads);
  // For any model it writes the regression: what it reads and writes is the same.
  if (model.name === 'lr') {
    await checkResult({ name: 'DuckDB', files: result, data, model }, threads);
  }
  await rm(result);
  return run;
}

/** One process for each thread, each with its own row groups. */
async function measurePyarrow(
  program: string,
  model: BenchModel,
  data: Dataset,
  threads: number,
): Promise<PyarrowRun> {
  const request = {
    data: data.path,
    model: model.path,
    features: FEATURES,
    columns: COLUMNS,
    processes: threads,
    threads: 1,
  };
  const run = await runPyarrow(program, request, threads);
  await checkResult({ name: 'pyarrow', files: run.files, data, model }, threads);
  return run;
}

function rowsPerCpuSecond({ rows }: Dataset, runs: readonly { readonly cpuMs: number }[]): Spread {
  return spreadOf(runs.map(({ cpuMs }) => (rows / cpuMs) * 1000));
}

/** Measures a row loop on a small dataset of its own, in the only compression of the two that it can read. */
async function measureRowLoop(model: BenchModel, threads: number): Promise<RowLoopRun> {
  const data = await makeDataset({ rows: ROW_LOOP_ROWS, compression: 'snappy', threads: 1 });
  const result = await workPath('out', 'parquetjs.parquet');
  const run = await runRowLoop(data.path, result, threads);
  // It reads timestamps as dates, which hold no microseconds.
  const columns = ['id', 'name'];
  await checkResult({ name: 'parquetjs-lite', files: result, data, model, columns }, threads);
  await rm(result);
  return run;
}

function largest(differences: readonly Differences[]): Differences {
  const duckdb = differences.flatMap(({ toDuckDB }) => toDuckDB ?? []);
  return {
    toReference: Math.max(...differences.map(({ toReference }) => toReference)),
    ...(duckdb.length > 0 && { toDuckDB: Math.max(...duckdb) }),
  };
}

function compare(result: Omit<ModelResult, 'comparisons'>, rows: number): Comparison[] {
  const { model, product, onnxRuntime, duckdb, parquetjsLite, pyarrow } = result;
  const rates = (times: readonly number[]): number[] => times.map((ms) => (rows / ms) * 1000);
  const whole = rates(product.wallMs);
  const inner = rates(product.elapsedMs);
  const comparison = (
    baseline: Comparison['baseline'],
    wholeBaseline: readonly number[],
    innerBaseline: readonly number[] = wholeBaseline,
    goal?: number,
  ): Comparison => {
    const ratio = ratioOf(whole, wholeBaseline);
    return {
      model,
      baseline,
      productRowsPerSecond: spreadOf(whole),
      baselineRowsPerSecond: spreadOf(wholeBaseline),
      ratio,
      ratioWithoutStart: ratioOf(inner, innerBaseline),
      ...(goal !== undefined && { goal: atLeast(goal, ratio.median) }),
    };
  };
  const { rowsPerSecond } = onnxRuntime;
  const goal = GOALS_OF_ONNX_RUNTIME[model];
  const comparisons = [comparison('ONNX Runtime', rowsPerSecond, rowsPerSecond, goal)];
  const statement = rates(duckdb.queryMs);
  if (model === 'lr') {
    comparisons.push(
      comparison('DuckDB', rates(duckdb.wallMs), statement, GOALS.lrOfDuckDB),
      comparison('DuckDB, statement alone', statement),
    );
  } else {
    // Each with all cores to itself: the seconds of a row add up.
    const inTurn = statement.map((rate, round) => {
      const inference = rowsPerSecond[round] ?? Number.NaN;
      return 1 / (1 / rate + 1 / inference);
    });
    comparisons.push(comparison('DuckDB, then ONNX Runtime', inTurn));
  }
  if ('wallMs' in pyarrow) {
    const script = rates(pyarrow.wallMs);
    comparisons.push(comparison('pyarrow script', script, script, GOALS_OF_PYARROW[model]));
  }
  if (parquetjsLite !== undefined) {
    const loop = parquetjsLite.rowsPerSecond;
    comparisons.push(comparison('parquetjs-lite', loop, loop, GOALS.lrOfParquetjs));
  }
  return comparisons;
}
