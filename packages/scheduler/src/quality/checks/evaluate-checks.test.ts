import {
  type Check,
  describeProfile,
  type HashCount,
  type KeyState,
  mergeKeys,
  NumberSketch,
  type NumberState,
  type OutputStatistics,
  type ProfileAnswer,
  type QualityOutcome,
  type RowCounts,
  storeSample,
  TextSketch,
} from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../../testing/job.js';
import { syntheticPlan } from '../../testing/synthetic-plan.js';
import type { PastRun } from '../history/past-run.js';
import type { QualityFacts } from '../quality-facts.js';
import { checkOutcomes } from './evaluate-checks.js';

/** A check as a job has it, with its defaults. */
function checkOf(check: Record<string, unknown>): Check {
  const [parsed] = jobOf({ checks: [{ name: 'x', ...check }] as never }).checks ?? [];
  if (parsed === undefined) throw new Error('no check');
  return parsed;
}

interface Known {
  readonly rows?: RowCounts;
  readonly scores?: readonly number[];
  readonly nulls?: number;
  readonly ages?: readonly number[];
  readonly countries?: readonly string[];
  readonly every?: number;
  readonly past?: readonly number[];
  readonly newestInput?: string;
  readonly noProfile?: boolean;
  readonly keys?: readonly KeyState[];
  readonly answer?: ProfileAnswer;
  readonly asked?: (number | string)[][];
}

const plan = syntheticPlan({ runId: 'r1', output: '/out', shards: 1 }).plan;

function numbers(values: readonly number[], nulls = 0): NumberState {
  const sketch = new NumberSketch();
  sketch.addAll(Float64Array.from(values), 0, 1, values.length);
  sketch.addNulls(nulls);
  return sketch.toState();
}

function factsOf(check: Check, known: Known): QualityFacts {
  const { scores = [0.1, 0.9], nulls = 0, ages = [30, 40], countries = ['DE', 'FR'] } = known;
  const score = numbers(scores, nulls);
  const texts = new TextSketch();
  for (const country of countries) texts.add(country, 1);
  const statistics: OutputStatistics = {
    count: score.count,
    nulls,
    numeric: { nan: score.nan, infinite: 0, min: score.min, max: score.max, sum: 0, histogram: [] },
  };
  const { every = 1 } = known;
  const features = ['age', 'country'].map((name, column) => ({ name, feature: 0, column }));
  const planned = { sampling: { every, blockRows: 64 }, features, omitted: 0 };
  const described = describeProfile(plan, planned, {
    sampledRows: ages.length,
    features: [
      { name: 'age', state: numbers(ages) },
      { name: 'country', state: texts.toState() },
    ],
    outputs: [{ name: 'score', state: score }],
  });
  return {
    plan: {
      ...plan,
      createdAt: '2026-03-02T06:00:00.000Z',
      job: { name: 'test', params: { country: 'DE' } },
      checks: {
        checks: [check],
        ...(known.newestInput !== undefined && { newestInput: known.newestInput }),
      },
    },
    rows: known.rows ?? { read: 100, scored: 90, rejected: 4, filtered: 6 },
    statistics: { score: statistics },
    keys: known.keys,
    queryProfile: async (profile, queries) => {
      known.asked?.push([profile.length, ...queries]);
      return queries.map(() => known.answer ?? { rows: [], more: false });
    },
    profile: known.noProfile === true ? undefined : described,
    history: async () => (known.past ?? []).map(pastRun),
  };
}

const pastRun = (scored: number, index: number): PastRun => ({
  run: `p${index}`,
  output: '/out',
  finishedAt: '2026-03-01T06:00:00.000Z',
  params: { country: index % 2 === 0 ? 'DE' : 'FR' },
  rows: { read: scored + 10, scored },
  model: { sha256: 'f' },
  quality: 'passed',
});

async function judge(check: Record<string, unknown>, known: Known = {}): Promise<QualityOutcome> {
  const parsed = checkOf(check);
  const [outcome] = await checkOutcomes(factsOf(parsed, known));
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}

const passes = async (check: Record<string, unknown>, known?: Known): Promise<boolean> =>
  (await judge(check, known)).passed;

describe('a check of the rows', () => {
  it('holds their number within bounds, both included', async () => {
    const rows = { kind: 'rowCount', rows: 'scored' };
    expect(await passes({ ...rows, min: 90, max: 90 })).toBe(true);
    expect(await passes({ ...rows, min: 91 })).toBe(false);
    expect(await passes({ ...rows, max: 89 })).toBe(false);
    expect(await judge({ kind: 'rowCount', rows: 'read', max: 99 })).toMatchObject({
      observed: 100,
      expected: 'at most 99',
      message: '100 rows were read; expected at most 99',
    });
  });

  it('compares it with the median of the last runs by a factor', async () => {
    const check = { kind: 'rowCount', previous: { runs: 3, factor: 1.5 } };
    // The median of the last three is 60: from 40 to 90.
    expect(await passes(check, { past: [60, 1000, 50, 7] })).toBe(true);
    expect(await passes(check, { past: [59, 1000, 50, 7] })).toBe(false);
    expect(await passes(check, { past: [136, 137, 1] })).toBe(false);
    expect((await judge(check, { past: [60, 80] })).expected).toBe(
      'from 46.6667 to 105 (a factor of 1.5 around the median 70 of the last 2 runs)',
    );
  });

  it('compares it with their mean by standard deviations, of three runs at least', async () => {
    const check = { kind: 'rowCount', previous: { zScore: 2 } };
    // Mean 80, deviation 5: from 70 to 90.
    expect(await passes(check, { past: [75, 80, 85] })).toBe(true);
    expect(await passes(check, { past: [74, 79, 84] })).toBe(false);
    expect(await passes(check, { past: [90, 90, 90] })).toBe(true);
    expect(await passes(check, { past: [91, 91, 91] })).toBe(false);
    expect(await judge(check, { past: [1, 1] })).toMatchObject({
      passed: true,
      expected: 'no comparison with earlier runs yet: 2 of 3 that it needs',
    });
  });

  it('compares it with runs of the same parameters alone where the check says so', async () => {
    const previous = { runs: 2, factor: 1.1, sameParams: ['country'] };
    expect(await passes({ kind: 'rowCount', previous }, { past: [90, 1, 90, 1] })).toBe(true);
  });

  it('holds a first run against its bounds, though there is no earlier one', async () => {
    const check = { kind: 'rowCount', min: 1000, previous: { factor: 2 } };
    expect(await judge(check)).toMatchObject({ passed: false });
  });

  it('holds the share of rejected and of filtered ones within bounds', async () => {
    expect(await passes({ kind: 'rejected', max: '4%' })).toBe(true);
    expect(await passes({ kind: 'rejected', max: 0.0399 })).toBe(false);
    expect(await passes({ kind: 'filtered', min: '7%' })).toBe(false);
    const none = { read: 0, scored: 0, rejected: 0, filtered: 0 };
    expect(await judge({ kind: 'filtered', max: 0 }, { rows: none })).toMatchObject({
      passed: true,
      observed: null,
    });
  });
});

describe('a check of a column', () => {
  it('holds the share of nulls and of NaN under its limit', async () => {
    const known = { scores: [...Array.from({ length: 98 }, () => 1), Number.NaN], nulls: 1 };
    expect(await judge({ kind: 'nulls', column: 'score', max: '1%' }, known)).toMatchObject({
      passed: true,
      observed: 0.01,
      column: 'score',
    });
    expect(await passes({ kind: 'nulls', column: 'score', max: 0.009 }, known)).toBe(false);
    expect(await passes({ kind: 'nan', column: 'score', max: '1%' }, known)).toBe(true);
    expect(await judge({ kind: 'nan', column: 'score', max: 0 }, known)).toMatchObject({
      passed: false,
      message: '1 of 100 rows (1%) are NaN in "score"; expected at most 0%',
    });
  });

  it('says of features whether all rows were looked at', async () => {
    const check = { kind: 'nulls', feature: 'age', max: 0 };
    expect((await judge(check, { every: 16 })).message).toContain('0 of 2 sampled rows');
    expect((await judge(check)).message).toContain('0 of 2 rows');
  });

  it('holds all values within bounds as their type has them', async () => {
    const check = { kind: 'range', column: 'score', min: 0, max: 0.9 };
    // The output is FLOAT, of which the nearest to 0.9 is less.
    expect(await passes(check, { scores: [0, Math.fround(0.9)] })).toBe(true);
    expect(await passes(check, { scores: [0, 0.91] })).toBe(false);
    expect(await judge(check, { scores: [-0.5, 0.5] })).toMatchObject({
      passed: false,
      observed: 'from -0.5 to 0.5',
    });
    expect(await passes(check, { scores: [0.5, Number.POSITIVE_INFINITY] })).toBe(false);
  });

  it.each([
    ['min', 1],
    ['max', 100],
    ['mean', 50.5],
    ['p50', 50],
    ['p99', 99],
    ['standardDeviation', 28.86607],
  ])('holds what describes the values within bounds: %s', async (of, value) => {
    const ages = Array.from({ length: 100 }, (_, i) => i + 1);
    const check = { kind: 'range', feature: 'age', of };
    const { observed } = await judge({ ...check, min: value - 0.001 }, { ages });
    expect(observed).toBeCloseTo(value, 4);
    expect(await passes({ ...check, min: value - 0.001 }, { ages })).toBe(true);
    expect(await passes({ ...check, max: value - 0.001 }, { ages })).toBe(false);
  });

  it('fails where rows have no finite value, and passes where there is no row', async () => {
    const check = { kind: 'range', column: 'score', of: 'mean', min: 0 };
    expect(await passes(check, { scores: [Number.NaN], nulls: 3 })).toBe(false);
    expect(await passes(check, { scores: [] })).toBe(true);
  });

  it('allows the values that it names, and no others', async () => {
    const check = { kind: 'allowedValues', feature: 'country', values: ['DE', 'FR'] };
    expect(await passes(check)).toBe(true);
    expect(await judge(check, { countries: ['DE', 'UK', 'UK', 'US'] })).toMatchObject({
      passed: false,
      observed: '"UK", "US"',
      message: expect.stringContaining('3 values of "country" are others'),
    });
    const many = Array.from({ length: 600 }, (_, i) => `c${i}`);
    expect(await passes(check, { countries: many })).toBe(false);
    const numbered = { kind: 'allowedValues', feature: 'age', values: [30, 40] };
    expect(await passes(numbered)).toBe(true);
    expect(await passes(numbered, { ages: [30, Number.NaN] })).toBe(false);
  });

  it.each([
    { kind: 'range', column: 'score', min: 0 },
    { kind: 'nulls', feature: 'age', max: 1 },
    { kind: 'allowedValues', feature: 'age', values: [30] },
  ])('fails where the run has no profile: $kind', async (check) => {
    expect(await judge(check, { noProfile: true })).toMatchObject({
      passed: false,
      observed: null,
      message: expect.stringContaining('no profile'),
    });
  });
});

describe('a check of freshness', () => {
  it('is of the newest file when the run was planned', async () => {
    const check = { kind: 'freshness', maxAge: '24h' };
    const at = (newestInput: string) => judge(check, { newestInput });
    expect(await at('2026-03-01T06:00:00.000Z')).toMatchObject({ passed: true, observed: 86_400 });
    expect(await at('2026-03-01T05:59:59.000Z')).toMatchObject({ passed: false });
    expect(await at('2026-03-02T06:10:00.000Z')).toMatchObject({ passed: true, observed: 0 });
    expect(await judge(check)).toMatchObject({ passed: false, observed: null });
  });
});

/** Keys of a part: as many different ones, of which some have another row. */
function keysOf(
  shard: number,
  { first = 0, different, repeated = 0 }: { first?: number; different: number; repeated?: number },
): KeyState {
  const sample = Array.from({ length: different }, (_, i): HashCount => {
    return [BigInt(first + i), i < repeated ? 2 : 1];
  });
  return {
    name: 'x',
    hash: 'test',
    rows: different + repeated,
    repeated,
    repeatingParts: repeated > 0 ? 1 : 0,
    worst: repeated > 0 ? [{ shard, part: 0, repeated }] : [],
    ...storeSample(sample.slice(0, 2048)),
  };
}

describe('a check of a key', () => {
  const unique = { kind: 'unique', columns: ['id', 'month'] };

  it('passes where no key is there twice, and says how sure that is', async () => {
    expect(await judge(unique, { keys: [keysOf(0, { different: 90 })] })).toMatchObject({
      passed: true,
      observed: 0,
      column: 'id, month',
      message: 'none of 90 rows repeats "id", "month"; expected no key twice',
    });
    const { message } = await judge(unique, { keys: [keysOf(0, { different: 5000 })] });
    expect(message).toContain(
      'of a sample of 2,048 keys none is repeated, so of all keys at most 0.146% (95% confidence)',
    );
  });

  it('is exact where the run has a single part', async () => {
    const run = factsOf(checkOf(unique), { keys: [keysOf(0, { different: 5000, repeated: 9 })] });
    const totals = { ...run.plan.totals, parts: 1 };
    const [outcome] = await checkOutcomes({ ...run, plan: { ...run.plan, totals } });
    expect(outcome?.message).toMatch(
      /^9 of 5,009 rows repeat "id", "month"; 9 of them within a part: [^;]*; expected/,
    );
  });

  it('names the parts that repeat keys, and how to see them', async () => {
    const keys = mergeKeys([
      keysOf(0, { different: 10 }),
      keysOf(3, { first: 8, different: 20, repeated: 5 }),
    ]);
    expect(await judge(unique, { keys })).toMatchObject({
      passed: false,
      observed: 7,
      message:
        '7 of 35 rows repeat "id", "month"; 5 of them within a part: 5 in shard 3, part 0; 55 rows without a key are left out; expected no key twice. ' +
        `See them with SELECT "id", "month", count(*) FROM read_parquet('/out/**/part-r1-*.parquet') GROUP BY ALL HAVING count(*) > 1`,
    });
  });

  it('fails where a worker did not count its keys, unless there is no row', async () => {
    expect(await judge(unique)).toMatchObject({ passed: false, observed: null });
    const rows = { read: 4, scored: 0, rejected: 4, filtered: 0 };
    expect(await passes(unique, { rows })).toBe(true);
  });
});

describe('a check with SQL', () => {
  const sql = { kind: 'sql', sql: 'SELECT name FROM profile WHERE nulls > 0' };

  it('asks for all rows of the profile, and passes where there is nothing', async () => {
    const asked: (number | string)[][] = [];
    expect(await judge(sql, { asked })).toMatchObject({
      passed: true,
      observed: 0,
      message: 'the SQL returns no row; expected no row',
    });
    expect(asked).toEqual([[3, sql.sql]]);
    await judge({ kind: 'rejected', max: 1 }, { asked });
    expect(asked).toHaveLength(1);
  });

  it('fails for each row, of which a few are shown', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => JSON.stringify({ name: `${i}`.repeat(200) }));
    const { passed, observed, message } = await judge(sql, { answer: { rows, more: true } });
    expect([passed, observed]).toEqual([false, 20]);
    expect(message).toMatch(
      /^the SQL returns more than 20 rows: \{"name":"0+…, .*, …; expected no row$/,
    );
    expect(message.length).toBeLessThan(700);
  });

  it('fails where it cannot be run, with the reason', async () => {
    const answer = { fault: 'Conversion Error: no number' };
    expect(await judge(sql, { answer })).toMatchObject({
      passed: false,
      observed: null,
      message: 'the SQL failed: Conversion Error: no number; expected no row',
    });
    expect(await passes(sql, { noProfile: true })).toBe(false);
  });
});
