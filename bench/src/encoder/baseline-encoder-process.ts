import { writeSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encoderRequest } from './encoder-request.js';

/**
 * Measures ONNX Runtime alone on an encoder: one session with all threads, batches in memory. It
 * answers on standard output and kills itself (see baseline-onnxruntime-process.ts).
 */

const { model, threads, tokens, vocabulary, batches, seconds } = encoderRequest.parse(
  JSON.parse(process.argv[2] ?? ''),
);
interface Rate {
  readonly bySecond: number;
  /** By second of processor time. */
  readonly byCpuSecond: number;
}

const rowsPerSecond = (await measureAll(true)).map(({ bySecond }) => bySecond);
// Threads that spin while they wait take processor time for nothing.
const rowsPerCpuSecond = (await measureAll(false)).map(({ byCpuSecond }) => byCpuSecond);
writeSync(1, JSON.stringify({ rowsPerSecond, rowsPerCpuSecond }));
process.kill(process.pid, 'SIGKILL');

/** Rows per second of each batch. */
async function measureAll(spinning: boolean): Promise<Rate[]> {
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  });
  const rates: Rate[] = [];
  for (const rows of batches) rates.push(await measure(session, rows));
  await session.release();
  return rates;
}

/** Rows per second over at least so many seconds, after one batch that is not counted. */
async function measure(session: InferenceSession, rows: number): Promise<Rate> {
  const ids = BigInt64Array.from({ length: rows * tokens }, (_, at) =>
    BigInt((at * 7919) % vocabulary),
  );
  const feeds = {
    input_ids: new Tensor('int64', ids, [rows, tokens]),
    attention_mask: new Tensor(
      'int64',
      ids.map(() => 1n),
      [rows, tokens],
    ),
  };
  await session.run(feeds);
  let done = 0;
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  let elapsed = 0;
  while (elapsed < seconds * 1000) {
    await session.run(feeds);
    done += rows;
    elapsed = performance.now() - started;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { bySecond: (done / elapsed) * 1000, byCpuSecond: (done / (user + system)) * 1e6 };
}
