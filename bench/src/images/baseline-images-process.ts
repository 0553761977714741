import { writeSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { queryRows, quoteText, withDuckDB } from '../sql.js';
import { imagesRequest } from './images-request.js';

/**
 * What a program with sharp and ONNX Runtime alone takes: it reads the images into memory, decodes
 * as many at once as it has threads, a batch ahead of the session, and adds up the scores. It
 * answers on standard output and kills itself (see baseline-onnxruntime-process.ts).
 */

const request = imagesRequest.parse(JSON.parse(process.argv[2] ?? ''));
const { model, data, threads, resize, crop, batchRows } = request;
sharp.concurrency(1);
sharp.cache(false);
const images = await withDuckDB(threads, async (connection) => {
  const rows = await queryRows(connection, `SELECT hex(photo) FROM ${quoteText(data)}`);
  return rows.map(([hex]) => Buffer.from(String(hex), 'hex'));
});
const session = await InferenceSession.create(model, {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
});
const width = 3 * crop * crop;
let sum = 0;
let next = batchOf(0);
for (let from = 0; from < images.length; from += batchRows) {
  const batch = await next;
  next = batchOf(from + batchRows);
  const feeds = {
    pixel_values: new Tensor('float32', batch, [batch.length / width, 3, crop, crop]),
  };
  const { score } = await session.run(feeds);
  for (const value of score?.data ?? []) sum += Number(value);
}
writeSync(1, JSON.stringify({ images: images.length, sum }));
process.kill(process.pid, 'SIGKILL');

async function batchOf(from: number): Promise<Float32Array> {
  const taken = images.slice(from, from + batchRows);
  const batch = new Float32Array(taken.length * width);
  let row = 0;
  const work = async (): Promise<void> => {
    for (let own = row++; own < taken.length; own = row++) {
      pack(batch, own * width, await decode(taken[own] ?? Buffer.alloc(0)));
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return batch;
}

async function decode(bytes: Buffer): Promise<Buffer> {
  const image = sharp(bytes, { ignoreIcc: true });
  const { width: wide, height: high } = await image.metadata();
  const shorter = Math.min(wide, high);
  const resized = {
    width: Math.floor((resize * wide) / shorter),
    height: Math.floor((resize * high) / shorter),
  };
  return image
    .resize({ ...resized, fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false })
    .extract({
      left: Math.floor((resized.width - crop) / 2),
      top: Math.floor((resized.height - crop) / 2),
      width: crop,
      height: crop,
    })
    .raw()
    .toBuffer();
}

function pack(batch: Float32Array, at: number, pixels: Buffer): void {
  const area = crop * crop;
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < area; i++) {
      batch[at + channel * area + i] = ((pixels[i * 3 + channel] ?? 0) / 255 - 0.5) / 0.5;
    }
  }
}
