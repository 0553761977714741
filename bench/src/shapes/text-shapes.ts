import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { encodeModel } from '@shardmill/test-kit';
import { quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';
import type { Shape } from './shape.js';

/** As for texts whose every value is encoded by itself, which these two are not. */
const GOALS = { loop: 1.1 };

const PAIRS = { rows: 4_000_000, each: 100 };

/** Two texts that are put together before they are encoded: neither means anything alone. */
export async function makePairShape(threads: number): Promise<Shape> {
  const { rows, each } = PAIRS;
  const numbers = Array.from({ length: each }, (_, k) => k);
  const keys = numbers.flatMap((k) => numbers.map((l) => `${categoryOf(k)}${regionOf(l)}`));
  const text = (name: string) => ({ name, type: 'string' as const, shape: ['N', 1] });
  const model = await workPath('pairs.onnx');
  await writeFile(
    model,
    encodeModel({
      opset: { '': 20, 'ai.onnx.ml': 3 },
      irVersion: 9,
      graph: {
        name: 'pairs',
        inputs: [text('category'), text('region')],
        outputs: [{ name: 'score', type: 'float32', shape: ['N', 1] }],
        nodes: [
          { op: 'StringConcat', inputs: ['category', 'region'], outputs: ['pair'] },
          {
            op: 'LabelEncoder',
            domain: 'ai.onnx.ml',
            inputs: ['pair'],
            outputs: ['score'],
            attributes: {
              keys_strings: { strings: keys },
              values_floats: { floats: keys.map((_, index) => index / keys.length) },
              default_float: { float: -1 },
            },
          },
        ],
      },
    }),
  );
  const data = await writeData('pairs-3', threads, [
    `SELECT id, 'product category ' || hash(2 * id) % ${each} AS category,`,
    `'sales region ' || hash(2 * id + 1) % ${each} AS region FROM range(${rows}) r(id)`,
  ]);
  return shapeOf('pairs of texts', rows, data, model, ['category', 'region']);
}

const categoryOf = (k: number): string => `product category ${k}`;
const regionOf = (k: number): string => `sales region ${k}`;

const WORDS = { rows: 4_000_000, known: 1000, drawn: 5000, each: 11 };

/** Free text, all of it different: split into words, which are counted, and weighed. */
export async function makeWordShape(threads: number): Promise<Shape> {
  const { rows, known, drawn, each } = WORDS;
  const model = await workPath('words.onnx');
  const weights = Float32Array.from({ length: known }, (_, k) => ((k * 37) % 101) / 101 - 0.5);
  const words = Array.from(weights, (_, k) => `w${1000 + k}`);
  await writeFile(
    model,
    encodeModel({
      opset: { '': 20 },
      irVersion: 9,
      graph: {
        name: 'words',
        inputs: [{ name: 'note', type: 'string', shape: ['N', 1] }],
        outputs: [{ name: 'score', type: 'float32', shape: ['N', 1] }],
        nodes: [
          { op: 'Reshape', inputs: ['note', 'flat'], outputs: ['texts'] },
          {
            op: 'StringSplit',
            inputs: ['texts'],
            outputs: ['words', 'lengths'],
            attributes: { delimiter: { string: ' ' } },
          },
          {
            op: 'TfIdfVectorizer',
            inputs: ['words'],
            outputs: ['counts'],
            attributes: {
              mode: { string: 'TF' },
              min_gram_length: { int: 1 },
              max_gram_length: { int: 1 },
              max_skip_count: { int: 0 },
              ngram_counts: { ints: [0] },
              ngram_indexes: { ints: words.keys() },
              pool_strings: { strings: words },
            },
          },
          { op: 'MatMul', inputs: ['counts', 'weights'], outputs: ['sum'] },
          { op: 'Sigmoid', inputs: ['sum'], outputs: ['score'] },
        ],
        initializers: [
          { name: 'flat', type: 'int64', shape: [1], data: BigInt64Array.of(-1n) },
          { name: 'weights', type: 'float32', shape: [known, 1], data: weights },
        ],
      },
    }),
  );
  const data = await writeData('words-3', threads, [
    `SELECT id, array_to_string(list_transform(range(${each}), k -> 'w' || hash(id * 100 + k) % ${drawn}), ' ') AS note`,
    `FROM range(${rows}) r(id)`,
  ]);
  return shapeOf('free texts', rows, data, model, ['note']);
}

/** A file of what a statement selects, made once. */
async function writeData(
  name: string,
  threads: number,
  select: readonly string[],
): Promise<string> {
  const data = await workPath(`${name}.parquet`);
  if (!existsSync(data)) {
    await withDuckDB(threads, (connection) =>
      connection.run(`COPY (${select.join(' ')}) TO ${quoteText(data)} (FORMAT parquet)`),
    );
  }
  return data;
}

function shapeOf(
  name: string,
  rows: number,
  data: string,
  model: string,
  texts: readonly string[],
): Shape {
  return {
    name,
    rows,
    data,
    model,
    inputs: texts.map((text) => ({
      name: text,
      column: text,
      sql: text,
      type: 'string',
      width: 1,
    })),
    outputs: ['score'],
    features: {},
    columns: { id: 'id', score: 'score' },
    loop: { columns: ['id'], element: 0 },
    goals: GOALS,
  };
}
