import { writeSync } from 'node:fs';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type InferenceRequest, inferenceRequest } from './baseline-onnxruntime.js';
import { InferenceLoop } from './inference-loop.js';
import type { LoopReply, LoopStart } from './inference-thread.js';
import { queryRows, quoteText, withDuckDB } from './sql.js';

/**
 * Measures ONNX Runtime alone, answers on standard output, and kills itself: neither a worker
 * thread nor a process that has used onnxruntime-node in one can be ended without an abort.
 */

/** More rows than any batch; the loop goes round and round in them. */
const ROWS_IN_MEMORY = 131_072;

const request = inferenceRequest.parse(JSON.parse(process.argv[2] ?? ''));
const features = await loadFeatures(request);
const width = request.columns.length;
let threads: Worker[] | undefined;
let single: InferenceLoop | undefined;
const rowsPerSecond: number[] = [];
for (const { sessions, batchRows } of request.setups) {
  if (sessions === 'one') {
    single ??= await InferenceLoop.create(request.model, request.threads, features, width);
    rowsPerSecond.push(await single.run(batchRows, request.seconds));
  } else {
    threads ??= await startThreads();
    rowsPerSecond.push(await runThreads(threads, batchRows));
  }
}
writeSync(1, JSON.stringify({ rowsPerSecond }));
process.kill(process.pid, 'SIGKILL');

/** Rows [n, F] float32, row-major. */
async function loadFeatures({ data, columns, threads }: InferenceRequest): Promise<Float32Array> {
  const rows = await withDuckDB(threads, (connection) =>
    queryRows(
      connection,
      `SELECT ${columns.join(', ')} FROM read_parquet(${quoteText(data)}) LIMIT ${ROWS_IN_MEMORY}`,
    ),
  );
  return Float32Array.from(rows.flat(), Number);
}

async function startThreads(): Promise<Worker[]> {
  const start: LoopStart = { model: request.model, features, width };
  return Promise.all(
    Array.from({ length: request.threads }, async () => {
      const thread = new Worker(new URL('./inference-thread.js', import.meta.url), {
        workerData: start,
      });
      await once(thread, 'message');
      return thread;
    }),
  );
}

/** All threads at once, each with its own clock; their rates add up. */
async function runThreads(threads: readonly Worker[], batchRows: number): Promise<number> {
  const rates = await Promise.all(threads.map((thread) => rateOf(thread, batchRows)));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

async function rateOf(port: Worker, batchRows: number): Promise<number> {
  const answered: Promise<LoopReply[]> = once(port, 'message').then((values) => values);
  port.postMessage({ batchRows, seconds: request.seconds });
  const [reply] = await answered;
  return reply?.rowsPerSecond ?? Number.NaN;
}
