import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { vectorOutput } from '@shardmill/test-kit';
import { askProcess } from '../child-process.js';
import { WrongResultError } from '../errors.js';
import type { BenchOptions } from '../options.js';
import type { ShapeResult } from '../results.js';
import { type ProductJob, type ProductRun, runProduct } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { queryRows, quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';
import { shapeAnswer, type ShapeRequest } from './shape-request.js';

/** Inputs that are no plain numbers, with a model for them. */
interface Shape extends Pick<ShapeRequest, 'model' | 'data' | 'inputs' | 'outputs'> {
  readonly name: string;
  readonly rows: number;
  /** The job's `features`. */
  readonly features: Readonly<Record<string, unknown>>;
  /** Columns of the result. */
  readonly columns: Readonly<Record<string, string>>;
}

const BATCHES = [1024, 8192];
const MEASURE_SECONDS = 3;
/** The demo's customers, repeated. */
const REPEATS = 142;
const LISTS = { rows: 300_000, width: 384, outputs: 64 };
const CHURN = fileURLToPath(new URL('../../../jobs/churn/', import.meta.url));
const NUMBERS = ['senior_citizen', 'tenure', 'monthly_charges', 'total_charges'];

/** Texts and lists next to ONNX Runtime alone, in each repeat one after the other. @throws WrongResultError */
export async function measureShapes(
  { threads, repeat }: BenchOptions,
  progress: (text: string) => void,
): Promise<ShapeResult[]> {
  const results: ShapeResult[] = [];
  const script = new URL('./baseline-shape-process.js', import.meta.url);
  for (const shape of [await makeTexts(threads), await makeLists(threads)]) {
    const { name, rows, model, data, inputs, outputs } = shape;
    const job = await writeShapeJob(shape);
    const request: ShapeRequest = {
      model,
      data,
      inputs,
      outputs,
      threads,
      batches: BATCHES,
      seconds: MEASURE_SECONDS,
    };
    const baseline: number[] = [];
    const runs: ProductRun[] = [];
    for (let round = 1; round <= repeat; round++) {
      progress(`${name}: ${round} of ${repeat}`);
      const { answer } = await askProcess(script, request, shapeAnswer, threads);
      baseline.push(Math.max(...answer.rowsPerSecond));
      runs.push(await runProduct(job, threads));
      await checkRows(job, shape, threads);
    }
    const { peaks } = await runProduct(job, threads, true);
    await rm(job.output, { recursive: true, force: true });
    if (peaks === undefined) throw new TypeError('the run was not watched');
    const product = runs.map(({ wallMs }) => (rows / wallMs) * 1000);
    results.push({
      name,
      rows,
      productRowsPerSecond: spreadOf(product),
      productRowsPerCpuSecond: spreadOf(runs.map(({ cpuMs }) => (rows / cpuMs) * 1000)),
      baselineRowsPerSecond: spreadOf(baseline),
      ratio: ratioOf(product, baseline),
      peaks,
    });
  }
  return results;
}

async function makeTexts(threads: number): Promise<Shape> {
  const customers = quoteText(`${CHURN}customers.parquet`);
  const data = await workPath(`churn-${REPEATS}.parquet`);
  const { rows, inputs } = await withDuckDB(threads, async (connection) => {
    if (!existsSync(data)) {
      await connection.run(
        `COPY (SELECT c.* FROM read_parquet(${customers}) c, range(${REPEATS})) TO ${quoteText(data)} (FORMAT parquet)`,
      );
    }
    const columns = await queryRows(connection, `DESCRIBE FROM read_parquet(${customers})`);
    const [count] = await queryRows(connection, `SELECT count(*) FROM ${quoteText(data)}`);
    const named = columns.map(([name]) => String(name)).filter((name) => name !== 'customer_id');
    return { rows: Number(count?.[0]), inputs: named };
  });
  return {
    name: 'texts (churn demo)',
    rows,
    data,
    model: `${CHURN}model.onnx`,
    inputs: inputs.map((name) => ({
      name,
      sql: NUMBERS.includes(name) ? `coalesce(${name}, 0)` : name,
      type: NUMBERS.includes(name) ? 'float32' : 'string',
      width: 1,
    })),
    outputs: ['probabilities'],
    features: { total_charges: 'coalesce(total_charges, 0)' },
    columns: { customer_id: 'customer_id', score: 'probabilities[2]' },
  };
}

async function makeLists(threads: number): Promise<Shape> {
  const { rows, width, outputs } = LISTS;
  const model = await workPath(`lists-${width}-${outputs}.onnx`);
  await writeFile(model, vectorOutput({ features: width, width: outputs, seed: 4 }));
  const data = await workPath(`lists-${rows}x${width}.parquet`);
  if (!existsSync(data)) {
    const list = `list_transform(range(${width}), k -> ((hash(id, k) % 2000) / 1000.0 - 1)::FLOAT)`;
    await withDuckDB(threads, (connection) =>
      connection.run(
        `COPY (SELECT id, ${list} AS embedding FROM range(${rows}) r(id)) TO ${quoteText(data)} (FORMAT parquet, ROW_GROUP_SIZE 20480)`,
      ),
    );
  }
  return {
    name: `lists (${width} in, ${outputs} out)`,
    rows,
    data,
    model,
    inputs: [{ name: 'features', sql: 'embedding', type: 'float32', width }],
    outputs: ['embedding'],
    features: { features: { sql: 'embedding', width } },
    columns: { id: 'id', score: 'model.embedding' },
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

async function checkRows({ output }: ProductJob, shape: Shape, threads: number): Promise<void> {
  const sql = `SELECT count(score) FROM read_parquet(${quoteText(`${output}/*.parquet`)})`;
  const [found] = await withDuckDB(threads, (connection) => queryRows(connection, sql));
  if (Number(found?.[0]) === shape.rows) return;
  throw new WrongResultError(`${shape.name}: ${String(found)} rows, not ${shape.rows}`);
}

/** What people read of them. */
export function shapesReport(results: readonly ShapeResult[]): string[] {
  return results.flatMap(
    ({ name, rows, productRowsPerSecond: product, productRowsPerCpuSecond, ...rest }) => {
      const { baselineRowsPerSecond: baseline, ratio, peaks } = rest;
      const k = (value: number): string => `${Math.round(value / 1000).toLocaleString('en')} k`;
      return [
        `${name}, ${rows.toLocaleString('en')} rows, files in and out, next to ONNX Runtime alone`,
        `  product ${k(product.median)} rows/s, ${k(productRowsPerCpuSecond.median)} rows per CPU second; ONNX Runtime ${k(baseline.median)} rows/s, all threads`,
        `  ratio ${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}); peak memory ${(peaks.pssBytes / 1e6).toFixed(0)} MB (PSS)`,
      ];
    },
  );
}
