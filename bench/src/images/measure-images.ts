import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createRandom, encodeModel, normals } from '@shardmill/test-kit';
import sharp from 'sharp';
import { askProcess } from '../child-process.js';
import { WrongResultError } from '../errors.js';
import type { BenchOptions } from '../options.js';
import type { ImagesResult } from '../results.js';
import { type ProductJob, runProduct } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { queryRows, quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';
import { imagesAnswer, type ImagesRequest } from './images-request.js';

const IMAGES = 1000;
/** So many different ones; they come again and again. */
const DISTINCT = 20;
const [HEIGHT, WIDTH] = [375, 500];
const [RESIZE, CROP] = [256, 224];
const BATCH_ROWS = 16;

/**
 * JPEGs through a cheap convolution, next to sharp and ONNX Runtime alone: processor time of whole
 * processes, in each repeat one after the other. @throws WrongResultError
 */
export async function measureImages(
  { threads, repeat }: BenchOptions,
  progress: (text: string) => void,
): Promise<ImagesResult> {
  const data = await makePhotos(threads);
  const model = await makeModel();
  const job = await writeImagesJob(model, data);
  const request: ImagesRequest = {
    model,
    data,
    threads,
    resize: RESIZE,
    crop: CROP,
    batchRows: BATCH_ROWS,
  };
  const script = new URL('./baseline-images-process.js', import.meta.url);
  const baselineCpuMs: number[] = [];
  const productCpuMs: number[] = [];
  for (let round = 1; round <= repeat; round++) {
    progress(`images: ${round} of ${repeat}: sharp and ONNX Runtime`);
    const { answer, cpuMs } = await askProcess(script, request, imagesAnswer, threads);
    baselineCpuMs.push(cpuMs);
    progress(`images: ${round} of ${repeat}: shardmill`);
    productCpuMs.push((await runProduct(job, threads)).cpuMs);
    await checkScores(job, answer, threads);
  }
  progress('images: memory');
  const { peaks } = await runProduct(job, threads, true);
  await rm(job.output, { recursive: true, force: true });
  if (peaks === undefined) throw new TypeError('the run was not watched');
  const perCpuSecond = (milliseconds: readonly number[]): number[] =>
    milliseconds.map((cpuMs) => (IMAGES / cpuMs) * 1000);
  const [product, baseline] = [perCpuSecond(productCpuMs), perCpuSecond(baselineCpuMs)];
  return {
    images: IMAGES,
    productPerCpuSecond: spreadOf(product),
    baselinePerCpuSecond: spreadOf(baseline),
    ratio: ratioOf(product, baseline),
    peaks,
  };
}

async function makePhotos(threads: number): Promise<string> {
  const file = await workPath(`photos-${IMAGES}.parquet`);
  if (existsSync(file)) return file;
  const random = createRandom(11);
  const photos: string[] = [];
  for (let i = 0; i < DISTINCT; i++) {
    // Coarse noise, enlarged: about as many details as a photo has.
    const [height, width] = [48, 64];
    const coarse = normals(random, height * width * 3, 60);
    const pixels = Uint8Array.from(coarse, (value) => Math.max(0, Math.min(255, 128 + value)));
    const jpeg = await sharp(pixels, { raw: { height, width, channels: 3 } })
      .resize({ height: HEIGHT, width: WIDTH, fit: 'fill' })
      .jpeg({ quality: 88 })
      .toBuffer();
    photos.push(`from_hex('${jpeg.toString('hex')}')`);
  }
  const select = `SELECT range AS id, (SELECT [${photos.join(', ')}])[range % ${DISTINCT} + 1] AS photo
    FROM range(${IMAGES})`;
  await withDuckDB(threads, (connection) =>
    connection.run(`COPY (${select}) TO ${quoteText(file)} (FORMAT parquet)`),
  );
  return file;
}

/** A convolution of 7 x 7 in steps of 4, ReLU and the mean of each of its 8 channels, added up. */
async function makeModel(): Promise<string> {
  const file = await workPath('photos.onnx');
  const filters = { type: 'float32', shape: [8, 3, 7, 7] } as const;
  const data = normals(createRandom(5), 8 * 3 * 7 * 7, 0.1);
  const model = encodeModel({
    graph: {
      name: 'photos',
      inputs: [{ name: 'pixel_values', type: 'float32', shape: ['N', 3, CROP, CROP] }],
      outputs: [{ name: 'score', type: 'float32', shape: ['N', 1] }],
      nodes: [
        {
          op: 'Conv',
          inputs: ['pixel_values', 'filters'],
          outputs: ['convolved'],
          attributes: { strides: { ints: [4, 4] } },
        },
        { op: 'Relu', inputs: ['convolved'], outputs: ['edges'] },
        {
          op: 'ReduceMean',
          inputs: ['edges'],
          outputs: ['means'],
          attributes: { axes: { ints: [2, 3] }, keepdims: { int: 0 } },
        },
        { op: 'ReduceSum', inputs: ['means', 'axes'], outputs: ['score'] },
      ],
      initializers: [
        { name: 'filters', ...filters, data },
        { name: 'axes', type: 'int64', shape: [1], data: BigInt64Array.of(1n) },
      ],
    },
  });
  await writeFile(file, model);
  return file;
}

async function writeImagesJob(model: string, data: string): Promise<ProductJob> {
  const file = await workPath('jobs', 'images', 'job.json');
  const output = await workPath('out', 'images');
  const definition = {
    name: 'bench-images',
    input: { uri: data },
    model: { uri: model },
    features: {
      pixel_values: { image: 'photo', resize: RESIZE, crop: CROP, mean: 0.5, std: 0.5 },
    },
    output: { uri: output, columns: { id: 'id', score: 'score' } },
  };
  await writeFile(file, `${JSON.stringify(definition, null, 2)}\n`);
  return { file, output };
}

/** Each image once, and the scores are those of the baseline. */
async function checkScores(
  job: ProductJob,
  { images, sum }: { readonly images: number; readonly sum: number },
  threads: number,
): Promise<void> {
  const sql = `SELECT count(DISTINCT id), sum(score::DOUBLE) FROM read_parquet(${quoteText(`${job.output}/*.parquet`)})`;
  const [found] = await withDuckDB(threads, (connection) => queryRows(connection, sql));
  const [ids, scored] = [Number(found?.[0]), Number(found?.[1])];
  if (ids === images && images === IMAGES && Math.abs(scored / sum - 1) < 1e-4) return;
  throw new WrongResultError(`images: expected ${sum} over ${images}, found ${scored} over ${ids}`);
}
