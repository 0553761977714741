import { readdir, readFile, rm } from 'node:fs/promises';
import type { JobDefinition } from '@shardmill/core';
import { shardRecordSchema } from '@shardmill/core/schemas';
import { failsOnRows, fixedBatch, logisticRegression, slow, zipMap } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runOf } from '../support/command.js';
import { partFacts } from '../support/output-folder.js';
import { score, type Scored, type ScoreOptions } from '../support/score.js';
import { waitFor } from '../support/wait.js';
import { numbered, useWorkplace } from '../support/workplace.js';

/**
 * Parts are scored by one query each where nothing is unusual, and by two passes where anything is:
 * the results are the same. What a call costs on a busy machine must not decide a
 * test, so the single pass is forced where it fits, but in the tests of the decision itself.
 */

const place = useWorkplace();
beforeEach(() => {
  vi.stubEnv('SHARDMILL_SINGLE_PASS', 'always');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

type Way = 'single pass' | 'two passes' | 'both';

/** How the parts of a run were scored, by the seconds in its shard records. */
async function wayOf({ plan: { runId } }: Scored): Promise<Way> {
  const folder = place.path('out', '_shardmill', runId, 'shards');
  const steps = new Set<string>();
  for (const name of await readdir(folder)) {
    const text = await readFile(`${folder}/${name}`, 'utf8');
    const { seconds } = shardRecordSchema.parse(JSON.parse(text));
    for (const step of Object.keys(seconds)) steps.add(step);
  }
  if (!steps.has('singlePass')) return 'two passes';
  return steps.has('scanAndInfer') ? 'both' : 'single pass';
}

/** Every row of the result as text, in its order. */
async function texts(): Promise<unknown[]> {
  const rows = await place.results('COLUMNS(*)::VARCHAR, filename[-19:] AS part');
  return rows;
}

/** Scores both ways into the same folder and expects the same rows in the same order. */
async function bothWays(
  change: Partial<JobDefinition> = {},
  options: ScoreOptions = {},
): Promise<{ single: Scored; way: Way; rows: unknown[] }> {
  vi.stubEnv('SHARDMILL_SINGLE_PASS', 'never');
  const two = await score(place, change, options);
  expect(await wayOf(two)).toBe('two passes');
  const expected = await texts();
  await rm(place.path('out'), { recursive: true });
  vi.stubEnv('SHARDMILL_SINGLE_PASS', 'always');
  const single = await score(place, change, options);
  const rows = await texts();
  expect(rows).toEqual(expected);
  expect(single.manifest.rows).toEqual(two.manifest.rows);
  expect(single.manifest.parts.map(({ rows }) => rows)).toEqual(
    two.manifest.parts.map(({ rows }) => rows),
  );
  expect(roughly(single.manifest.statistics)).toEqual(roughly(two.manifest.statistics));
  return { single, way: await wayOf(single), rows };
}

/** Sums in another order differ in their last bits. */
function roughly(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) =>
      typeof item === 'number' ? Number(item.toPrecision(12)) : item,
    ),
  );
}

describe('a cheap model', () => {
  it('is scored in a single pass without being asked to, and gives the same', async () => {
    await place.prepare({ rows: 20_000 });
    const { way, rows } = await bothWays({ plan: { partRows: 5000, shardParts: 2 } });
    expect(way).toBe('single pass');
    expect(rows).toHaveLength(20_000);
    await rm(place.path('out'), { recursive: true });
    vi.stubEnv('SHARDMILL_SINGLE_PASS', '');
    expect(await wayOf(await score(place))).toBe('single pass');
  });

  it('gives the same under a where, also one that leaves nothing of some parts', async () => {
    await place.prepare({ rows: 20_000 });
    const plan = { partRows: 5000 };
    for (const where of ['c = 3 AND b > 0', 'id < 6000 OR id > 19990']) {
      const { way, single } = await bothWays({ input: { uri: 'data', where }, plan });
      expect(way).toBe('single pass');
      expect(single.manifest.rows.filtered).toBeGreaterThan(10_000);
      await rm(place.path('out'), { recursive: true });
    }
  });

  it('gives the same over Hive partitions and files whose columns differ in order and type', async () => {
    await place.prepare({ rows: 0 });
    await rm(place.path('data'), { recursive: true });
    const files: Record<string, string> = {
      'data/day=1/a.parquet': `SELECT id, a, b, c FROM (${numbered(5000)})`,
      'data/day=1/b.parquet': `SELECT c::INTEGER AS c, b, id, a FROM (${numbered(5000, 5000)})`,
      'data/day=2/a.parquet': `SELECT b, a::FLOAT AS a, c, id::INTEGER AS id FROM (${numbered(5000, 10_000)})`,
    };
    for (const [name, query] of Object.entries(files)) {
      await place.writeParquet(name, query, 'ROW_GROUP_SIZE 2048');
    }
    const columns = { id: 'id', day: 'day', score: 'score' };
    for (const partRows of [4000, 100_000]) {
      const { way, rows } = await bothWays({
        features: { features: ['a', 'b', 'c + day'] },
        output: { uri: 'out', columns },
        plan: { partRows },
      });
      expect(way).toBe('single pass');
      expect(rows).toHaveLength(15_000);
      await rm(place.path('out'), { recursive: true });
    }
  });

  it('gives the same for expressions that use its outputs twice, in part, or as a whole', async () => {
    await place.prepare({ rows: 5000, model: zipMap() });
    const { way } = await bothWays({
      output: {
        uri: 'out',
        columns: {
          id: 'id',
          second: 'probabilities[2]',
          band: "IF(second > 0.5, 'high', 'low')",
          all: 'model.probabilities',
          label: 'model.label',
          sum: 'label + probabilities[1] + input.a',
          last: 'probabilities[-1]',
          none: 'nullif(probabilities[1], probabilities[1])',
        },
      },
    });
    expect(way).toBe('single pass');
  });

  it('gives the same where a column of the input and an output have one name', async () => {
    await place.writeParquet('data/a.parquet', `SELECT *, id AS "Score" FROM (${numbered(3000)})`);
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    const { way, rows } = await bothWays({
      output: {
        uri: 'out',
        columns: { before: 'input.score', score: 'model.score', sum: 'Input.Score + MODEL.Score' },
      },
    });
    expect(way).toBe('single pass');
    expect(rows[7]).toMatchObject({ before: '7' });
  });

  it('gives the same beside columns of any type that are handed on', async () => {
    await place.writeParquet(
      'data/a.parquet',
      `SELECT *, (id / 3)::DECIMAL(18, 4) AS price, TIMESTAMPTZ '2026-01-01' + INTERVAL (id) HOUR AS "at",
         ('\\x00' || id)::BLOB AS "blob", {'x': id, 'y': ['a' || id, NULL]} AS struct,
         MAP {'k' || id: id} AS "map", CASE id % 3 WHEN 0 THEN [] WHEN 1 THEN [id, NULL] END AS list,
         'text of more than twelve bytes ' || id AS "Text", NULL::INTEGER AS nothing
       FROM (${numbered(5000)})`,
    );
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    const { way } = await bothWays({
      output: { uri: 'out', passThrough: '*', columns: { score: 'score' } },
    });
    expect(way).toBe('single pass');
  });

  it.each([0, 1, 2048, 2049])('gives the same for %i rows', async (rows) => {
    await place.prepare({ rows });
    const { way, single } = await bothWays();
    expect(way).toBe('single pass');
    expect(single.manifest.rows.scored).toBe(rows);
  });

  it('gives the same for nulls that become NaN', async () => {
    await place.prepare({ rows: 5000 });
    const { way } = await bothWays({
      features: { features: ['nullif(c, 3)', 'b', 'c'] },
      nulls: 'nan',
    });
    expect(way).toBe('single pass');
  });

  it('gives the same for parts with rows to reject, each with its reason, and others without', async () => {
    await place.prepare({ rows: 20_000 });
    const rejects = (): Promise<unknown[]> =>
      place.sql(
        `SELECT id, _row, _file, _reason FROM read_parquet('${place.path('out/_shardmill/*/rejected/*')}') ORDER BY id`,
      );
    const change: Partial<JobDefinition> = {
      features: { features: ['CASE WHEN id NOT IN (7, 2100, 2101, 19999) THEN a END', 'b', 'c'] },
      errors: { maxRejectedRows: 4 },
      plan: { partRows: 2048, shardParts: 100 },
    };
    vi.stubEnv('SHARDMILL_SINGLE_PASS', 'never');
    await score(place, change);
    const expected = await rejects();
    expect(expected).toHaveLength(4);
    await rm(place.path('out'), { recursive: true });
    const { single, way } = await bothWays(change);
    expect(way).toBe('single pass');
    expect(single.manifest.rows).toMatchObject({ scored: 19_996, rejected: 4 });
    expect(await rejects()).toEqual(expected);
  });

  it('gives the same for a part of which every row is rejected', async () => {
    await place.prepare({ rows: 3000 });
    const { single, way } = await bothWays({
      features: { features: ['CASE WHEN id > 2500 THEN a END', 'b', 'c'] },
      errors: { maxRejectedRows: '100%' },
      plan: { partRows: 1024 },
    });
    expect(way).toBe('single pass');
    expect(single.manifest.rows).toMatchObject({ scored: 499, rejected: 2501 });
  });
});

describe('several lanes, each with parts of its own,', () => {
  it('give the same, with an expensive model, too', async () => {
    const plan = { partRows: 2048, shardParts: 4 };
    await place.prepare({ rows: 30_000 });
    const { way, rows } = await bothWays({ plan }, { lanes: 3 });
    expect(way).toBe('single pass');
    expect(rows).toHaveLength(30_000);
    await rm(place.path('out'), { recursive: true });
    await place.write('model.onnx', slow({ iterations: 1 }));
    const expensive = await bothWays({ plan }, { lanes: 3 });
    expect(expensive.way).toBe('single pass');
    expect(expensive.rows).toHaveLength(30_000);
  });

  it('share the parts of an expensive model with the two passes', async () => {
    await place.prepare({ rows: 5 * 2048, model: slow({ iterations: 1 }) });
    vi.stubEnv('SHARDMILL_SINGLE_PASS', 'auto');
    const plan = { partRows: 2048, shardParts: 5 };
    const scored = await score(place, { plan }, { lanes: 2 });
    expect(await wayOf(scored)).toBe('both');
    expect(scored.manifest.rows.scored).toBe(5 * 2048);
    expect(await place.results('count(DISTINCT id) AS ids')).toEqual([{ ids: 5 * 2048 }]);
  });
});

describe('two passes score', () => {
  it('a part in which the model throws for a row', async () => {
    await place.prepare({ rows: 5000, model: failsOnRows({ tableSize: 4990 }) });
    const { single, way } = await bothWays({
      features: { id: 'id' },
      output: { uri: 'out', columns: { id: 'id', value: 'value' } },
      errors: { maxRejectedRows: 10 },
    });
    expect(way).toBe('both');
    expect(single.manifest.rows).toMatchObject({ scored: 4990, rejected: 10 });
  });

  it('a null under the policy "fail", and say so', async () => {
    await place.prepare({ rows: 3000 });
    const run = score(place, {
      features: { features: ['nullif(c, 3)', 'b', 'c'] },
      nulls: 'fail',
      errors: { attempts: 1 },
    });
    await expect(run).rejects.toMatchObject({ code: 'NULL_FEATURE' });
  });

  it('an expression that fails on a value, and say so', async () => {
    await place.prepare({ rows: 3000 });
    const run = score(place, {
      output: { uri: 'out', columns: { x: "CAST(IF(id = 2999, 'x', '1') AS INT) + score" } },
      errors: { attempts: 1 },
    });
    await expect(run).rejects.toMatchObject({ code: 'EXPRESSION_FAILED' });
  });

  it('a model with a fixed batch dimension', async () => {
    await place.prepare({ rows: 3001, model: fixedBatch({ batch: 4 }) });
    expect((await bothWays()).way).toBe('two passes');
  });

  it('a result that has nothing of the model, whose rows are rejected all the same', async () => {
    await place.prepare({ rows: 3000 });
    const { single, way } = await bothWays({
      features: { features: ['nullif(c, 3)', 'b', 'c'] },
      output: { uri: 'out', columns: { id: 'id' } },
      errors: { maxRejectedRows: '50%' },
    });
    expect(way).toBe('two passes');
    expect(single.manifest.rows.rejected).toBeGreaterThan(200);
  });

  it('the last parts of an expensive model where they are fewer than the lanes', async () => {
    await place.prepare({ rows: 6144, model: slow({ iterations: 1 }) });
    vi.stubEnv('SHARDMILL_SINGLE_PASS', 'auto');
    const change = { plan: { partRows: 2048, shardParts: 3 } };
    const scored = await score(place, change, { lanes: 4 });
    expect(scored.manifest.rows.scored).toBe(6144);
    expect(await wayOf(scored)).toBe('two passes');
  });

  it('a job that says how many rows a call of the model has', async () => {
    await place.prepare({ rows: 3000 });
    expect((await bothWays({}, { batchRows: 100 })).way).toBe('two passes');
  });
});

it('a run that is killed in the middle of a single pass goes on at the first missing part', async () => {
  const rows = 12 * 2048;
  // Some tenths of a second for each part.
  await place.prepare({
    rows,
    model: slow({ iterations: 200 }),
    job: { plan: { partRows: 2048, shardParts: 4 } },
  });
  const out = place.path('out');
  const run = place.start('run', 'job.json', '--json');
  await waitFor('two parts', async () => (await partFacts(out)).size >= 2, run);
  run.kill('SIGKILL');
  await run.ended;
  const before = await partFacts(out);
  expect(before.size).toBeLessThan(12);
  const done = runOf(await place.shardmill('run', 'job.json', '--json'));
  expect(done).toMatchObject({ resumed: true, parts: 12, rows: { scored: rows, rejected: 0 } });
  expect(done.rowsResumed).toBeGreaterThanOrEqual(2 * 2048);
  const after = await partFacts(out);
  for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
  expect(
    await place.results('count(*) AS n, count(DISTINCT id) AS ids, sum(score) IS NULL AS nulls'),
  ).toEqual([{ n: rows, ids: rows, nulls: false }]);
});

it('a setting that there is not is refused', async () => {
  await place.prepare({ rows: 1 });
  vi.stubEnv('SHARDMILL_SINGLE_PASS', 'perhaps');
  await expect(score(place)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('expected auto, never, always'),
  });
});
