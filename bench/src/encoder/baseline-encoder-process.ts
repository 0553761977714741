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
const session = await InferenceSession.create(model, {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
});
const rowsPerSecond: number[] = [];
for (const rows of batches) rowsPerSecond.push(await measure(rows));
writeSync(1, JSON.stringify({ rowsPerSecond }));
process.kill(process.pid, 'SIGKILL');

/** Rows per second over at least so many seconds, after one batch that is not counted. */
async function measure(rows: number): Promise<number> {
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
  let elapsed = 0;
  while (elapsed < seconds * 1000) {
    await session.run(feeds);
    done += rows;
    elapsed = performance.now() - started;
  }
  return (done / elapsed) * 1000;
}
