import { writeSync } from 'node:fs';
import parquet from 'parquetjs-lite';
import { rowLoopRequest } from './baseline-parquetjs.js';

/** Reads, scores and writes row by row, and answers how long it took. */

const { data, result, features, weights, bias } = rowLoopRequest.parse(
  JSON.parse(process.argv[2] ?? ''),
);
const schema = new parquet.ParquetSchema({
  id: { type: 'INT64', compression: 'SNAPPY' },
  name: { type: 'UTF8', compression: 'SNAPPY' },
  ts: { type: 'TIMESTAMP_MICROS', compression: 'SNAPPY' },
  score: { type: 'FLOAT', compression: 'SNAPPY' },
});

const started = performance.now();
const reader = await parquet.ParquetReader.openFile(data);
const writer = await parquet.ParquetWriter.openFile(schema, result);
const cursor = reader.getCursor();
let rows = 0;
for (let row = await cursor.next(); row !== null; row = await cursor.next()) {
  let logit = bias;
  for (const [index, name] of features.entries()) {
    logit += (weights[index] ?? 0) * Number(row[name]);
  }
  const score = 1 / (1 + Math.exp(-logit));
  await writer.appendRow({ id: row['id'], name: row['name'], ts: row['ts'], score });
  rows++;
}
await writer.close();
await reader.close();
writeSync(1, JSON.stringify({ rows, milliseconds: performance.now() - started }));
