import { writeSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { queryRows, quoteText, withDuckDB } from '../sql.js';
import { type ShapeRequest, shapeRequest } from './shape-request.js';

/**
 * Measures ONNX Runtime alone on texts or lists: one session with all threads, values in memory. It
 * answers on standard output and kills itself (see baseline-onnxruntime-process.ts).
 */

const request = shapeRequest.parse(JSON.parse(process.argv[2] ?? ''));
const session = await InferenceSession.create(request.model, {
  executionProviders: ['cpu'],
  intraOpNumThreads: request.threads,
  interOpNumThreads: 1,
});
const rowsPerSecond: number[] = [];
for (const rows of request.batches) rowsPerSecond.push(await measure(rows, request));
writeSync(1, JSON.stringify({ rowsPerSecond }));
process.kill(process.pid, 'SIGKILL');

/** Rows per second over at least so many seconds, after one batch that is not counted. */
async function measure(rows: number, { inputs, data, seconds, outputs }: ShapeRequest) {
  const items = inputs.map(({ sql }, index) => `${sql} AS c${index}`).join(', ');
  const found = await withDuckDB(1, (connection) =>
    queryRows(connection, `SELECT ${items} FROM read_parquet(${quoteText(data)}) LIMIT ${rows}`),
  );
  const feeds = Object.fromEntries(
    inputs.map(({ name, type, width }, index) => {
      const values = found.map((row) => row[index]).flat();
      const shape = [found.length, width];
      return [
        name,
        type === 'string'
          ? new Tensor('string', values.map(String), shape)
          : new Tensor('float32', Float32Array.from(values, Number), shape),
      ];
    }),
  );
  await session.run(feeds, outputs);
  let done = 0;
  const started = performance.now();
  let elapsed = 0;
  while (elapsed < seconds * 1000) {
    await session.run(feeds, outputs);
    done += found.length;
    elapsed = performance.now() - started;
  }
  return (done / elapsed) * 1000;
}
