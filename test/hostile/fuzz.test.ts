import { readFile } from 'node:fs/promises';
import { createRandom, type Random } from '@shardmill/test-kit';
import { expect, test } from 'vitest';
import { useAttackField } from './attack.js';
import { cut, flipped, footerOf } from './damaged-bytes.js';
import { randomExpression } from './random-expression.js';

// Attacks drawn by a seed, for as long as it is left running: npm run fuzz -- --minutes 10 --seed 7.

const SECONDS = Number(process.env['SHARDMILL_FUZZ_SECONDS'] ?? 8);
const SEED = Number(process.env['SHARDMILL_FUZZ_SEED'] ?? 7);
/** After so many attacks a job in order must finish. */
const GOOD_AFTER = 20;

const field = useAttackField();

test(`attacks drawn by ${SEED} end with a code that says what is wrong`, {
  timeout: SECONDS * 1000 + 120_000,
}, async () => {
  const random = createRandom(SEED);
  const parquet = await readFile(
    await field.place.writeParquet(
      'other/a.parquet',
      "SELECT i::BIGINT AS id, i / 7.0 AS a, cos(i) AS b, i::DOUBLE AS c, 'text' || i AS s, [i] AS l FROM range(3000) r(i)",
      'ROW_GROUP_SIZE 2048',
    ),
  );
  const model = await readFile(field.place.path('model.onnx'));
  const definition = await readFile(field.place.path('job.json'));
  await field.good();
  const ends = new Map<string, number>();
  const until = performance.now() + SECONDS * 1000;
  for (let attack = 0; performance.now() < until; attack++) {
    const [kind, run] = draw(random, attack, { parquet, model, definition });
    const end = await run().catch((error: unknown) => {
      const message = `attack ${attack} of seed ${SEED} (${kind}): ${String(error)}`;
      throw new Error(message, { cause: error });
    });
    const key = `${kind}: ${end}`;
    ends.set(key, (ends.get(key) ?? 0) + 1);
    if (attack % GOOD_AFTER === GOOD_AFTER - 1) await field.good();
  }
  if (process.env['SHARDMILL_FUZZ_SECONDS'] !== undefined) {
    for (const [key, count] of [...ends].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      process.stderr.write(`${count} ${key}\n`);
  }
  expect(ends.size).toBeGreaterThan(1);
});

interface Material {
  readonly parquet: Buffer;
  readonly model: Buffer;
  readonly definition: Buffer;
}

type Attack = readonly [kind: string, run: () => Promise<string>];

function draw(random: Random, attack: number, material: Material): Attack {
  const { parquet, model, definition } = material;
  const damaged = (bytes: Buffer, start = 0, end = bytes.length): Buffer =>
    random.integer(4) === 0
      ? cut(bytes, random.uniform())
      : flipped(bytes, random, { start, end, count: 1 + random.integer(6) });
  switch (random.integer(6)) {
    case 0: {
      const { start, end } = footerOf(parquet);
      return ['footer', () => runParquet(attack, damaged(parquet, start, end))];
    }
    case 1:
      return ['pages', () => runParquet(attack, damaged(parquet, 4, footerOf(parquet).start))];
    case 2: {
      const bytes = damaged(model);
      return [
        'model',
        async () => {
          const uri = await field.place.write(`cache/fuzz/${attack}.onnx`, bytes);
          return field.run({ model: { uri } });
        },
      ];
    }
    case 3: {
      const bytes = damaged(definition);
      const ending = random.integer(2) === 0 ? 'json' : 'yaml';
      return ['definition', () => field.runDefinition(`fuzz.${ending}`, bytes)];
    }
    case 4: {
      const where = randomExpression(random);
      return ['filter', () => field.run({ input: { uri: 'data', where } })];
    }
    default: {
      const x = randomExpression(random);
      return [
        'expression',
        () => field.run({ output: { uri: 'out', columns: { score: 'score', x } } }),
      ];
    }
  }
}

async function runParquet(attack: number, bytes: Uint8Array): Promise<string> {
  const uri = await field.place.write(`cache/fuzz/${attack}.parquet`, bytes);
  const columns = { id: 'id', score: 'score', s: 's', l: 'l' };
  return field.run({ input: { uri }, output: { uri: 'out', columns } });
}
