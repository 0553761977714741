import { rm, writeFile } from 'node:fs/promises';
import { encodeModel, encoder, wordPieceTokenizer } from '@shardmill/test-kit';
import { WrongResultError } from '../errors.js';
import type { BenchOptions } from '../options.js';
import { atLeast, type TextsResult } from '../results.js';
import { type ProductJob, type ProductRun, runProduct } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { queryRows, quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';

/** An encoder of the size of all-MiniLM-L6-v2, with random weights. */
const MODEL = { vocabulary: 30_522, width: 384, heads: 12, layers: 6, seed: 1 };
const SPECIAL_TOKENS = 4;
const WORDS = MODEL.vocabulary - SPECIAL_TOKENS;
/** Of a row, with the two tokens at its ends: as many rows have each number. */
const MIN_TOKENS = 8;
const MAX_TOKENS = 64;
const ENCODED_ROWS = 1024;
const TOKENIZED_ROWS = 100_000;
const GOAL_RATIO = 1.5;

/**
 * An encoder over texts of 8 to 64 tokens, grouped by length, next to the same encoder over the same
 * tokens, padded to 64; and texts through a model that costs next to nothing, which is what
 * tokenizing costs. @throws WrongResultError
 */
export async function measureTexts(
  { threads, repeat }: BenchOptions,
  progress: (text: string) => void,
): Promise<TextsResult> {
  await Promise.all([
    writeFile(await workPath('texts-encoder.onnx'), encoder(MODEL)),
    writeFile(await workPath('texts-sum.onnx'), sumOfTokens()),
    writeFile(
      await workPath('texts-tokenizer.json'),
      wordPieceTokenizer(Array.from({ length: WORDS }, (_, word) => `w${word}`)),
    ),
  ]);
  const few = await makeTexts(threads, ENCODED_ROWS);
  const grouped = await writeTextJob('texts-grouped', 'texts-encoder.onnx', few, 'text');
  const padded = await writeTextJob('texts-padded', 'texts-encoder.onnx', few, 'lists');
  const many = await makeTexts(threads, TOKENIZED_ROWS);
  const cheap = await writeTextJob('texts-cheap', 'texts-sum.onnx', many, 'text');
  const runs: Record<'grouped' | 'padded' | 'cheap', ProductRun[]> = {
    grouped: [],
    padded: [],
    cheap: [],
  };
  for (let round = 1; round <= repeat; round++) {
    progress(`texts: ${round} of ${repeat}: grouped by length`);
    runs.grouped.push(await runProduct(grouped, threads));
    progress(`texts: ${round} of ${repeat}: padded`);
    runs.padded.push(await runProduct(padded, threads));
    progress(`texts: ${round} of ${repeat}: tokenizing`);
    runs.cheap.push(await runProduct(cheap, threads));
  }
  await checkSame(grouped, padded, threads);
  for (const { output } of [grouped, padded, cheap]) await rm(output, { recursive: true });
  const perCpu = (rows: number, all: readonly ProductRun[]): number[] =>
    all.map(({ cpuMs }) => (rows / cpuMs) * 1000);
  const ratio = ratioOf(perCpu(ENCODED_ROWS, runs.grouped), perCpu(ENCODED_ROWS, runs.padded));
  return {
    rows: ENCODED_ROWS,
    tokens: { min: MIN_TOKENS, max: MAX_TOKENS },
    groupedPerCpuSecond: spreadOf(perCpu(ENCODED_ROWS, runs.grouped)),
    paddedPerCpuSecond: spreadOf(perCpu(ENCODED_ROWS, runs.padded)),
    ratio,
    ratioByClock: ratioOf(
      runs.grouped.map(({ elapsedMs }) => 1 / elapsedMs),
      runs.padded.map(({ elapsedMs }) => 1 / elapsedMs),
    ),
    goal: atLeast(GOAL_RATIO, ratio.median),
    tokenizedRows: TOKENIZED_ROWS,
    tokenizedPerCpuSecond: spreadOf(perCpu(TOKENIZED_ROWS, runs.cheap)),
  };
}

/** `id`, `body`, and the tokens of it padded to the most, as a tokenizer would give them. */
async function makeTexts(threads: number, rows: number): Promise<string> {
  const file = await workPath(`texts-${rows}.parquet`);
  const range = MAX_TOKENS - MIN_TOKENS + 1;
  const select = `SELECT id, 'w' || array_to_string(words, ' w') AS body,
    list_resize([2] || list_transform(words, lambda w: w + ${SPECIAL_TOKENS}) || [3], ${MAX_TOKENS}, 0) AS ids,
    list_resize(list_transform(range(len(words) + 2), lambda k: 1::BIGINT), ${MAX_TOKENS}, 0) AS mask
    FROM (SELECT range AS id, list_transform(range(${MIN_TOKENS - 2} + (hash(range) % ${range})::BIGINT),
      lambda k: (hash(range, k) % ${WORDS})::BIGINT) AS words FROM range(${rows}))`;
  await withDuckDB(threads, (connection) =>
    connection.run(`COPY (${select}) TO ${quoteText(file)} (FORMAT parquet)`),
  );
  return file;
}

async function writeTextJob(
  name: string,
  model: string,
  data: string,
  from: 'text' | 'lists',
): Promise<ProductJob> {
  const file = await workPath('jobs', name, 'job.json');
  const output = await workPath('out', name);
  const tokenizer = await workPath('texts-tokenizer.json');
  const features =
    from === 'text'
      ? { input_ids: { tokenize: 'body', tokenizer, maxLength: MAX_TOKENS } }
      : {
          input_ids: { sql: 'ids', width: MAX_TOKENS },
          attention_mask: { sql: 'mask', width: MAX_TOKENS },
        };
  const definition = {
    name: `bench-${name}`,
    input: { uri: data },
    model: { uri: await workPath(model) },
    features,
    output: { uri: output, columns: { id: 'id', embedding: 'embedding' } },
  };
  await writeFile(file, `${JSON.stringify(definition, null, 2)}\n`);
  return { file, output };
}

/** Output `embedding` float32 [N]: the sum of the ids under the mask. */
function sumOfTokens(): Uint8Array {
  return encodeModel({
    graph: {
      name: 'sum',
      inputs: ['input_ids', 'attention_mask'].map((name) => ({
        name,
        type: 'int64' as const,
        shape: ['N', 'L'],
      })),
      outputs: [{ name: 'embedding', type: 'float32', shape: ['N'] }],
      nodes: [
        { op: 'Mul', inputs: ['input_ids', 'attention_mask'], outputs: ['kept'] },
        {
          op: 'ReduceSum',
          inputs: ['kept', 'axis'],
          outputs: ['sum'],
          attributes: { keepdims: { int: 0 } },
        },
        { op: 'Cast', inputs: ['sum'], outputs: ['embedding'], attributes: { to: { int: 1 } } },
      ],
      initializers: [{ name: 'axis', type: 'int64', shape: [1], data: BigInt64Array.of(1n) }],
    },
  });
}

/** Each row has the same embedding both ways. */
async function checkSame(one: ProductJob, other: ProductJob, threads: number): Promise<void> {
  const read = ({ output }: ProductJob): string =>
    `read_parquet(${quoteText(`${output}/*.parquet`)})`;
  const sql = `SELECT count(*), max(list_distance(a.embedding, b.embedding))
    FROM ${read(one)} a JOIN ${read(other)} b USING (id)`;
  const [found] = await withDuckDB(threads, (connection) => queryRows(connection, sql));
  if (Number(found?.[0]) === ENCODED_ROWS && Number(found?.[1]) < 1e-3) return;
  throw new WrongResultError(`texts: expected ${ENCODED_ROWS} same embeddings: ${String(found)}`);
}
