import { readdir, readFile } from 'node:fs/promises';
import { encoder, encoderReference } from '@shardmill/test-kit';
import { expect, test } from 'vitest';
import { refusalOf, runOf } from '../support/command.js';
import { roomPerRow } from '../support/models.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/**
 * Two values of one row differ by as much, at most, where the calls that they come from have
 * different numbers of rows: sums of the same numbers in another order (docs/job-definition.md).
 */
const TOLERANCE = 1e-5;
const VOCABULARY = 500;
/** A row holds several matrices of [2 heads, 512, 512] floats: 8,192 rows of it are some 50 GB. */
const SQUARE = { vocabulary: VOCABULARY, width: 16, heads: 2, layers: 1, seed: 5 };
const TOKENS = 512;

/** Rows `id` with the tokens and the mask of a text that is shorter than the lists. */
async function prepareTexts(rows: number, tokens: number, model: typeof SQUARE): Promise<void> {
  await place.writeParquet(
    'data/a.parquet',
    `SELECT range AS id,
       list_transform(range(${tokens}), k -> (hash(id, k) % ${VOCABULARY})::BIGINT) AS input_ids,
       list_transform(range(${tokens}), k ->
         CASE WHEN k < 4 + id % ${tokens - 4} THEN 1 ELSE 0 END::BIGINT) AS attention_mask
     FROM range(${rows})`,
  );
  await place.write('model.onnx', encoder(model));
  await place.writeJob({
    features: {
      input_ids: { sql: 'input_ids', width: tokens },
      attention_mask: { sql: 'attention_mask', width: tokens },
    },
    output: { uri: 'out', columns: { id: 'id', embedding: 'embedding' } },
    errors: { attempts: 1 },
  });
}

/** Embeddings by id. */
async function embeddings(out = 'out'): Promise<number[][]> {
  const rows = await place.results('id, to_json(embedding)::VARCHAR AS text', out);
  return rows
    .toSorted((a, b) => Number(a['id']) - Number(b['id']))
    .map(({ text }) => JSON.parse(String(text)));
}

function largestDifference(a: readonly number[][], b: readonly number[][]): number {
  const differences = a.flatMap((row, index) =>
    row.map((value, column) => Math.abs(value - (b[index]?.[column] ?? Number.NaN))),
  );
  return differences.reduce((most, value) => (value <= most ? most : value), 0);
}

test('a model whose memory grows with the square of the length is scored without options', async () => {
  await prepareTexts(400, TOKENS, SQUARE);
  const limits = ['--memory-limit', '900MB'];
  const whole = ['--batch-rows', '400', '--output', 'other'];
  const killed = await place.shardmill('run', 'job.json', '--json', ...limits, ...whole);
  expect(refusalOf(killed).code).toBe('ENGINE_OUT_OF_MEMORY');

  const ended = await place.shardmill('run', 'job.json', '--json', ...limits);
  expect(runOf(ended).rows.scored).toBe(400);
  expect(ended.stderr).not.toMatch(/OUT_OF_MEMORY|no room/);
  const [input] = [
    await place.sql(`FROM '${place.path('data/a.parquet')}' WHERE id < 3 ORDER BY id`),
  ];
  const reference = encoderReference(SQUARE);
  const expected = input.map((row) => {
    const [ids, mask] = [row['input_ids'], row['attention_mask']].map((list) =>
      Array.from((list as { items: bigint[] }).items, Number),
    );
    return reference(ids ?? [], mask ?? []);
  });
  const found = await embeddings();
  expect(found).toHaveLength(400);
  expect(largestDifference(expected, found.slice(0, 3))).toBeLessThan(1e-4);
});

test('a run that is killed goes on with calls of other sizes and gives the same embeddings', async () => {
  const model = { vocabulary: VOCABULARY, width: 32, heads: 2, layers: 2, seed: 6 };
  await prepareTexts(3000, 32, model);
  const job = JSON.parse(await readFile(place.path('job.json'), 'utf8'));
  const plan = { partRows: 300 };
  await place.write('job.json', JSON.stringify({ ...job, plan }));
  const killed = place.start('run', 'job.json', '--batch-rows', '3');
  while (!killed.over && (await partsIn(place.path('out'))) < 2) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  killed.kill('SIGKILL');
  await killed.ended;
  const partsBefore = await partsIn(place.path('out'));
  expect(partsBefore).toBeLessThan(10);
  const resumed = runOf(await place.shardmill('run', 'job.json', '--json'));
  expect(resumed.rows.scored).toBe(3000);
  const found = await embeddings();

  const output = { uri: 'other', columns: job.output.columns };
  await place.write('job.json', JSON.stringify({ ...job, output }));
  runOf(await place.shardmill('run', 'job.json', '--json', '--batch-rows', '500'));
  const expected = await embeddings('other');
  expect(found).toHaveLength(3000);
  expect(largestDifference(expected, found)).toBeLessThan(TOLERANCE);
});

async function partsIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.parquet')).length;
}

test('an engine that has no room is followed by one with smaller calls, at no cost of an attempt', async () => {
  // In a single pass a call has 2,048 rows: 800 MB.
  await place.prepare({
    rows: 4096,
    model: roomPerRow({ floats: 100_000 }),
    job: { features: { x: 'id' }, errors: { attempts: 1 } },
  });
  const ended = await place.startIn(
    'SHARDMILL_SINGLE_PASS=always "$@"',
    'run',
    'job.json',
    '--memory-limit',
    '500MB',
    '--lanes',
    '1',
  ).ended;
  expect(ended.stderr).toContain('the engine had no room in calls of 2048 rows');
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/memory +ran out 1 time; scored with at most 1,024 rows a call/);
  const rows = await place.results('id, score');
  expect(rows.toSorted((a, b) => Number(a['id']) - Number(b['id']))).toEqual(
    Array.from({ length: 4096 }, (_, id) => ({ id, score: id })),
  );
});
