import { existsSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { encoder } from '@shardmill/test-kit';
import type { z } from 'zod';
import { askProcess } from '../child-process.js';
import { WrongResultError } from '../errors.js';
import type { BenchOptions } from '../options.js';
import { atLeast, below, type EncoderResult, type LimitedRun } from '../results.js';
import { planProduct, type ProductJob, type ProductRun, runProduct } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { queryRows, quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';
import { encoderAnswer, type EncoderRequest } from './encoder-request.js';
import { runLimited } from './limited-run.js';

/** An encoder of the size of all-MiniLM-L6-v2, with random weights. */
const MODEL = { vocabulary: 30_522, width: 384, heads: 12, layers: 6, seed: 1 };
const TOKENS = 64;
const ROWS = 4096;
const BATCHES = [8, 16, 32, 64, 128];
const MEASURE_SECONDS = 3;
const GOAL_RATIO = 0.97;
const GOAL_BYTES = 1.5e9;
const GOAL_LOST_SECONDS = 120;
const MEMORY_LIMITS = ['24GB', '4GB', '2GB'];
const LIMITED_ROWS = 1024;
/** The most parts that are scored at the same time: what a kill loses. */
const PARTS_IN_FLIGHT = 2;

/** A small encoder of long texts: each row holds matrices of [2 heads, 512, 512] floats. */
const SQUARE = { vocabulary: 500, width: 16, heads: 2, layers: 1, seed: 5 };
const SQUARE_TOKENS = 512;

/**
 * An encoder with default settings next to ONNX Runtime with its best batch: in each repeat one
 * after the other. @throws WrongResultError
 */
export async function measureEncoder(
  { threads, repeat }: BenchOptions,
  progress: (text: string) => void,
): Promise<EncoderResult> {
  const model = await makeModel(MODEL);
  const data = await makeTexts(threads, TOKENS, MODEL.vocabulary);
  const job = await writeEncoderJob('encoder', model, data, TOKENS);
  const request: EncoderRequest = {
    model,
    threads,
    tokens: TOKENS,
    vocabulary: MODEL.vocabulary,
    batches: BATCHES,
    seconds: MEASURE_SECONDS,
  };
  const script = new URL('./baseline-encoder-process.js', import.meta.url);
  const baseline: z.infer<typeof encoderAnswer>[] = [];
  const runs: ProductRun[] = [];
  for (let round = 1; round <= repeat; round++) {
    progress(`encoder: ${round} of ${repeat}: ONNX Runtime`);
    baseline.push((await askProcess(script, request, encoderAnswer, threads)).answer);
    progress(`encoder: ${round} of ${repeat}: shardmill`);
    runs.push(await runProduct(job, threads));
    await checkRows(job, threads);
  }
  progress('encoder: memory');
  const { peaks } = await runProduct(job, threads, true);
  await rm(job.output, { recursive: true, force: true });
  const { partSize } = await planProduct(job, threads);
  const limited = await runAllLimits(job, threads, progress);
  if (peaks === undefined) throw new TypeError('the run was not watched');
  const best = bestBatch(baseline.map(({ rowsPerSecond }) => rowsPerSecond));
  const bestByCpu = bestBatch(baseline.map(({ rowsPerCpuSecond }) => rowsPerCpuSecond));
  const product = runs.map(({ wallMs }) => (ROWS / wallMs) * 1000);
  const ratio = ratioOf(product, best.rowsPerSecond);
  const lostSeconds = (PARTS_IN_FLIGHT * partSize.rows) / spreadOf(product).median;
  const inner = runs.map(({ elapsedMs }) => (ROWS / elapsedMs) * 1000);
  return {
    rows: ROWS,
    tokens: TOKENS,
    modelBytes: (await stat(model)).size,
    parts: runs[0]?.parts ?? 0,
    productRowsPerSecond: spreadOf(product),
    baselineRowsPerSecond: spreadOf(best.rowsPerSecond),
    baselineBatchRows: best.rows,
    ratio,
    ratioWithoutStart: ratioOf(inner, best.rowsPerSecond),
    ratioByCpu: ratioOf(
      runs.map(({ cpuMs }) => (ROWS / cpuMs) * 1000),
      bestByCpu.rowsPerSecond,
    ),
    goal: atLeast(GOAL_RATIO, ratio.median),
    peaks,
    memoryGoal: below(GOAL_BYTES, peaks.pssBytes),
    partRows: partSize.rows,
    lostSeconds,
    lostGoal: below(GOAL_LOST_SECONDS, lostSeconds),
    limited,
  };
}

/** The encoder under each limit, and one whose memory grows with the square of the length. */
async function runAllLimits(
  job: ProductJob,
  threads: number,
  progress: (text: string) => void,
): Promise<LimitedRun[]> {
  const texts = await makeTexts(threads, SQUARE_TOKENS, SQUARE.vocabulary);
  const square = await writeEncoderJob('square', await makeModel(SQUARE), texts, SQUARE_TOKENS);
  const runs: LimitedRun[] = [];
  for (const limit of MEMORY_LIMITS) {
    progress(`encoder: --memory-limit ${limit}`);
    runs.push(await runLimited(`${TOKENS} tokens`, job, limit, LIMITED_ROWS, threads));
    const long = `${SQUARE_TOKENS} tokens, small`;
    runs.push(await runLimited(long, square, limit, LIMITED_ROWS, threads));
  }
  return runs;
}

/** The batch with the best median. */
function bestBatch(rounds: readonly (readonly number[])[]) {
  const rates = BATCHES.map((rows, index) => ({
    rows,
    rowsPerSecond: rounds.map((round) => round[index] ?? Number.NaN),
  }));
  const median = (rate: { rowsPerSecond: number[] }): number => spreadOf(rate.rowsPerSecond).median;
  const [best] = rates.toSorted((a, b) => median(b) - median(a));
  if (best === undefined) throw new TypeError('nothing has been measured');
  return best;
}

async function makeModel(options: typeof MODEL): Promise<string> {
  const file = await workPath(`encoder-${options.width}x${options.layers}-${options.seed}.onnx`);
  if (!existsSync(file)) await writeFile(file, encoder(options));
  return file;
}

async function makeTexts(threads: number, tokens: number, vocabulary: number): Promise<string> {
  const file = await workPath(`tokens-${ROWS}x${tokens}.parquet`);
  if (existsSync(file)) return file;
  const select = `SELECT range AS id,
    list_transform(range(${tokens}), k -> (hash(id, k) % ${vocabulary})::BIGINT) AS input_ids,
    list_transform(range(${tokens}), k ->
      CASE WHEN k < 8 + hash(id) % ${tokens - 7} THEN 1 ELSE 0 END::BIGINT) AS attention_mask
    FROM range(${ROWS})`;
  await withDuckDB(threads, (connection) =>
    connection.run(`COPY (${select}) TO ${quoteText(file)} (FORMAT parquet)`),
  );
  return file;
}

async function writeEncoderJob(
  name: string,
  model: string,
  data: string,
  tokens: number,
): Promise<ProductJob> {
  const file = await workPath('jobs', name, 'job.json');
  const output = await workPath('out', name);
  const list = (sql: string): { sql: string; width: number } => ({ sql, width: tokens });
  const definition = {
    name: `bench-${name}`,
    input: { uri: data },
    model: { uri: model },
    features: { input_ids: list('input_ids'), attention_mask: list('attention_mask') },
    output: { uri: output, columns: { id: 'id', embedding: 'embedding' } },
  };
  await writeFile(file, `${JSON.stringify(definition, null, 2)}\n`);
  return { file, output };
}

/** Each row once, with as many finite values as the model is wide. */
async function checkRows(job: ProductJob, threads: number): Promise<void> {
  const sql = `SELECT count(DISTINCT id), count(*) FILTER (
      len(embedding) = ${MODEL.width} AND isfinite(list_sum(embedding)))
    FROM read_parquet(${quoteText(`${job.output}/*.parquet`)})`;
  const [found] = await withDuckDB(threads, (connection) => queryRows(connection, sql));
  if (Number(found?.[0]) === ROWS && Number(found?.[1]) === ROWS) return;
  throw new WrongResultError(`encoder: expected ${ROWS} embeddings, found ${String(found)}`);
}
