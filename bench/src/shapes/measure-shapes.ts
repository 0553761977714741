import { rm, writeFile } from 'node:fs/promises';
import { findPython, type PyarrowRun, runPlainLoop } from '../baseline-pyarrow.js';
import { askProcess } from '../child-process.js';
import { WrongResultError } from '../errors.js';
import type { BenchOptions } from '../options.js';
import { atLeast, below, type ShapeResult } from '../results.js';
import { type ProductJob, type ProductRun, runProduct } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { queryRows, quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';
import { makeChurnShape } from './churn-shape.js';
import { makeListShape } from './list-shape.js';
import type { Shape } from './shape.js';
import { shapeAnswer, type ShapeRequest } from './shape-request.js';
import { makePairShape, makeWordShape } from './text-shapes.js';

const BATCHES = [1024, 8192];
const MEASURE_SECONDS = 3;
const RUNTIME = new URL('./baseline-shape-process.js', import.meta.url);

/**
 * Texts and lists next to ONNX Runtime alone and to a plain loop in Python, in each repeat one after the other.
 * @throws WrongResultError
 */
export async function measureShapes(
  options: BenchOptions,
  progress: (text: string) => void,
): Promise<ShapeResult[]> {
  const results: ShapeResult[] = [];
  for (const make of [makeChurnShape, makeListShape, makePairShape, makeWordShape]) {
    results.push(await measureShape(await make(options.threads), options, progress));
  }
  return results;
}

async function measureShape(
  shape: Shape,
  { threads, repeat, python }: BenchOptions,
  progress: (text: string) => void,
): Promise<ShapeResult> {
  const { name, rows, model, data, inputs, outputs, goals } = shape;
  const job = await writeShapeJob(shape);
  const found = findPython(python);
  const request: ShapeRequest = {
    model,
    data,
    inputs,
    outputs,
    threads,
    batches: BATCHES,
    seconds: MEASURE_SECONDS,
  };
  const runtime: number[] = [];
  const products: ProductRun[] = [];
  const loops: PyarrowRun[] = [];
  for (let round = 1; round <= repeat; round++) {
    progress(`${name}: ${round} of ${repeat}`);
    const { answer } = await askProcess(RUNTIME, request, shapeAnswer, threads);
    runtime.push(Math.max(...answer.rowsPerSecond));
    if (found.program !== undefined) {
      const output = outputs[0] ?? '';
      const asked = { data, model, inputs, output, threads, ...shape.loop };
      const loop = await runPlainLoop(found.program, asked, threads);
      await checkRows(loop.files, shape, threads);
      loops.push(loop);
    }
    products.push(await runProduct(job, threads));
    await checkRows(`${job.output}/*.parquet`, shape, threads);
  }
  const { peaks } = await runProduct(job, threads, true);
  await rm(job.output, { recursive: true, force: true });
  if (peaks === undefined) throw new TypeError('the run was not watched');
  const perSecond = (times: readonly number[]): number[] => times.map((ms) => (rows / ms) * 1000);
  const product = perSecond(products.map(({ wallMs }) => wallMs));
  const ratioToRuntime = ratioOf(product, runtime);
  const loop = perSecond(loops.map(({ wallMs }) => wallMs));
  const ratioToLoop = loop.length > 0 ? ratioOf(product, loop) : undefined;
  return {
    name,
    rows,
    product: spreadOf(product),
    productPerCpuSecond: spreadOf(perSecond(products.map(({ cpuMs }) => cpuMs))),
    runtime: {
      rowsPerSecond: spreadOf(runtime),
      ratio: ratioToRuntime,
      ...(goals.runtime !== undefined && { goal: atLeast(goals.runtime, ratioToRuntime.median) }),
    },
    loop:
      ratioToLoop === undefined
        ? { leftOut: found.program === undefined ? found.why : 'it was not measured' }
        : {
            rowsPerSecond: spreadOf(loop),
            rowsPerCpuSecond: spreadOf(perSecond(loops.map(({ cpuMs }) => cpuMs))),
            ratio: ratioToLoop,
            goal: atLeast(goals.loop, ratioToLoop.median),
          },
    peaks,
    ...(goals.peakBytes !== undefined && { memoryGoal: below(goals.peakBytes, peaks.pssBytes) }),
  };
}

async function writeShapeJob({ name, data, model, features, columns }: Shape): Promise<ProductJob> {
  const short = name.replace(/ .*/, '');
  const file = await workPath('jobs', short, 'job.json');
  const output = await workPath('out', short);
  const definition = {
    name: `bench-${short}`,
    input: { uri: data },
    model: { uri: model },
    features,
    output: { uri: output, columns },
  };
  await writeFile(file, `${JSON.stringify(definition, null, 2)}\n`);
  return { file, output };
}

async function checkRows(files: string, shape: Shape, threads: number): Promise<void> {
  const sql = `SELECT count(score) FROM read_parquet(${quoteText(files)})`;
  const [found] = await withDuckDB(threads, (connection) => queryRows(connection, sql));
  if (Number(found?.[0]) === shape.rows) return;
  throw new WrongResultError(`${shape.name}, ${files}: ${String(found)} rows, not ${shape.rows}`);
}
