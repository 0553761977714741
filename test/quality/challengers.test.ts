import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import type { JobDefinition } from '@shardmill/core';
import { failsOnRows, logisticRegression, zipMap } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { score } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const ROWS = 6000;

beforeEach(async () => {
  await place.prepare({ rows: ROWS });
  await place.write('next.onnx', logisticRegression({ features: 3, seed: 7 }));
  await place.write('small.onnx', logisticRegression({ features: 2, seed: 8 }));
  await place.write('picky.onnx', failsOnRows({ tableSize: 5000 }));
});

afterEach(() => vi.unstubAllEnvs());

const columns = {
  id: 'id',
  score: 'score',
  band: "CASE WHEN score > 0.5 THEN 'high' ELSE 'low' END",
};
const output: JobDefinition['output'] = { uri: 'out', columns };
const plan = { partRows: 2048, shardParts: 2 };

/** As the documentation defines a share. */
function isInShare(key: unknown, share: number): boolean {
  const digits = createHash('md5').update(String(key)).digest('hex').slice(0, 16);
  return Number(BigInt(`0x${digits}`)) < share * 2 ** 64;
}

describe('a run with challengers', () => {
  it('has their scores beside those of the champion, which stay as they are, and says how they compare', async () => {
    const { manifest, plan: planned } = await score(place, {
      output,
      plan,
      challengers: [
        { name: 'next', model: { uri: 'next.onnx' }, bands: [0.2, 0.5, 0.8] },
        {
          name: 'small',
          model: { uri: 'next.onnx' },
          features: { features: ['a', 'b', 'c + 0'] },
          columns: { score: 'model.score', unsure: 'abs(score - 0.5) < 0.1' },
          share: 0.25,
          shareBy: 'id',
        },
      ],
    });
    const without = await score(place, { output: { ...output, uri: 'alone' } });
    await score(place, { model: { uri: 'next.onnx' }, output: { ...output, uri: 'other' } });

    const rows = await place.results('*');
    expect(Object.keys(rows[0] ?? {})).toEqual([
      ...Object.keys(columns),
      'next_score',
      'next_band',
      'next_scored',
      'small_score',
      'small_unsure',
      'small_scored',
    ]);
    expect(rows).toHaveLength(ROWS);
    const [alone, other] = await Promise.all(
      ['alone', 'other'].map(async (out) => {
        const all = await place.results('*', out);
        return new Map(all.map((row) => [row['id'], row]));
      }),
    );
    for (const row of rows) {
      const { id } = row;
      // Numbers are compared bit by bit: they are the same or not.
      expect([row['score'], row['band']]).toEqual([
        alone?.get(id)?.['score'],
        alone?.get(id)?.['band'],
      ]);
      expect([row['next_score'], row['next_band'], row['next_scored']]).toEqual([
        other?.get(id)?.['score'],
        other?.get(id)?.['band'],
        true,
      ]);
      const scored = isInShare(id, 0.25);
      const own = scored ? other?.get(id)?.['score'] : null;
      expect([row['small_score'], row['small_scored']]).toEqual([own, scored ? true : null]);
    }

    const [exact = {}] = await place.results(`
      count(small_scored) AS sampled, avg(next_score::DOUBLE - score) AS mean,
      avg(abs(next_score::DOUBLE - score)) AS distance, max(abs(next_score::DOUBLE - score)) AS most,
      count(*) FILTER (next_band = band) AS same,
      count(*) FILTER (score < 0.2 AND next_score >= 0.2 AND next_score < 0.5) AS risen`);
    const [next, second] = manifest.challengers ?? [];
    expect(next).toMatchObject({
      name: 'next',
      sha256: planned.scoring.challengers?.[0]?.model.sha256,
    });
    expect(next?.rows).toEqual({ sampled: ROWS, scored: ROWS, failed: 0 });
    const [numbers, labels] = next?.columns ?? [];
    if (numbers?.kind !== 'numbers') throw new Error('scores are numbers');
    expect(numbers.meanDifference).toBeCloseTo(Number(exact['mean']), 12);
    expect(numbers.meanAbsoluteDifference).toBeCloseTo(Number(exact['distance']), 12);
    expect(numbers.largestDifference).toBe(exact['most']);
    expect(numbers.rankedRows).toBe(ROWS);
    const [ranks = {}] = await place.sql(
      `SELECT corr(a, b) AS r FROM (SELECT rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score)) / 2.0 AS a,
        rank() OVER (ORDER BY next_score) + (count(*) OVER (PARTITION BY next_score)) / 2.0 AS b
        FROM read_parquet('${place.path('out')}/*.parquet'))`,
    );
    expect(numbers.rankCorrelation).toBeCloseTo(Number(ranks['r']), 9);
    expect(numbers.bands?.rows[0]?.[1]).toBe(exact['risen']);
    expect(labels).toMatchObject({ kind: 'labels', compared: ROWS, equal: exact['same'] });
    expect(second).toMatchObject({ share: 0.25, rows: { sampled: exact['sampled'], failed: 0 } });
    expect(without.manifest.challengers).toBeUndefined();
  });

  it('is the same after an interruption, whichever attempt made its parts', async () => {
    const job: Partial<JobDefinition> = {
      output,
      plan,
      challengers: [{ name: 'next', model: { uri: 'next.onnx' }, share: 0.5, shareBy: 'id' }],
    };
    const { manifest, runId } = await score(place, job);
    // As after a kill: some parts are there, but no record of their shard.
    const shards = place.path('out/_shardmill', runId, 'shards');
    for (const record of await readdir(shards)) await rm(`${shards}/${record}`);
    const parts = (await readdir(place.path('out'))).filter((name) => name.startsWith('part-'));
    for (const gone of ['_SUCCESS', `_shardmill/${runId}/manifest.json`, parts[1] ?? '']) {
      await rm(place.path('out', gone));
    }
    const again = await score(place, job);
    expect(again.runId).toBe(runId);
    expect(again.manifest.challengers).toEqual(manifest.challengers);
    expect(again.manifest.statistics).toEqual(manifest.statistics);
  });

  it('keeps all of the champion where a challenger fails for some rows or for all', async () => {
    const notices: string[] = [];
    await place.write('never.onnx', failsOnRows({ tableSize: 1 }));
    const { manifest } = await score(
      place,
      {
        output,
        challengers: [
          {
            name: 'picky',
            model: { uri: 'picky.onnx' },
            features: { id: 'CASE WHEN id % 100 = 7 THEN NULL ELSE id END' },
            columns: { value: 'value' },
          },
          {
            name: 'never',
            model: { uri: 'never.onnx' },
            features: { id: 'id + 10' },
            columns: { value: 'value' },
          },
        ],
      },
      { onNotice: (message) => notices.push(message) },
    );
    expect(manifest.rows).toMatchObject({ scored: ROWS, rejected: 0 });
    const failed = 1000 + 50;
    expect(manifest.challengers?.map(({ rows }) => rows)).toEqual([
      { sampled: ROWS, scored: ROWS - failed, failed },
      { sampled: ROWS, scored: 0, failed: ROWS },
    ]);
    const [counts = {}] =
      await place.results(`count(score) AS champion, count(never_value) AS never,
      count(*) FILTER (picky_scored = (id < 5000 AND id % 100 <> 7)) AS flagged,
      count(*) FILTER (picky_value = id + 0.5) AS picky`);
    expect(counts).toEqual({ champion: ROWS, never: 0, flagged: ROWS, picky: ROWS - failed });
    expect(notices.filter((text) => text.includes('does not score every row')).toSorted()).toEqual([
      expect.stringContaining('challenger never'),
      expect.stringContaining('challenger picky'),
    ]);
  });

  it.each([
    ['in one pass', 'always'],
    ['in two', 'never'],
  ])(
    'takes labels and elements of lists from a challenger, and null where it scores no row, %s',
    async (_, singlePass) => {
      vi.stubEnv('SHARDMILL_SINGLE_PASS', singlePass);
      await place.write('lists.onnx', zipMap());
      const zip = {
        model: { uri: 'lists.onnx' },
        columns: { score: 'probabilities[2]', label: 'label' },
      };
      const { manifest } = await score(place, {
        challengers: [
          { name: 'zip', ...zip },
          { name: 'half', ...zip, share: 0.5, shareBy: 'id' },
          { name: 'none', ...zip, share: 1e-12, shareBy: 'id' },
        ],
      });
      expect('singlePass' in manifest.seconds).toBe(singlePass === 'always');
      const [counts = {}] = await place.results(`count(zip_score) AS n,
      count(none_score) + count(none_label) + count(none_scored) AS none,
      count(*) FILTER (abs(half_score - zip_score) < 1e-6 AND half_label = zip_label) AS same,
      count(half_scored) AS sampled,
      count(*) FILTER (half_scored IS NULL AND half_score IS NULL AND half_label IS NULL) AS empty`);
      const sampled = Array.from({ length: ROWS }, (_, id) => id).filter((id) =>
        isInShare(id, 0.5),
      );
      expect(counts).toEqual({
        n: ROWS,
        none: 0,
        same: sampled.length,
        sampled: sampled.length,
        empty: ROWS - sampled.length,
      });
    },
  );

  it.each<
    [string, NonNullable<JobDefinition['challengers']>[number], object, Partial<JobDefinition>?]
  >([
    [
      'whose features do not bind',
      { name: 'small', model: { uri: 'small.onnx' } },
      { code: 'FEATURE_COUNT', where: 'challengers.small.features.features' },
    ],
    [
      'whose columns have names of the output',
      { name: 'next', model: { uri: 'next.onnx' } },
      { code: 'CHALLENGER_INVALID', where: 'challengers.next.name' },
      { output: { uri: 'out', columns: { score: 'score', next_score: 'id' } } },
    ],
    [
      'whose output the expressions do not find',
      { name: 'next', model: { uri: 'next.onnx' }, columns: { score: 'scores' } },
      { code: 'COLUMN_NOT_FOUND', where: 'challengers.next.columns.score' },
    ],
    [
      'whose column cannot be compared',
      { name: 'next', model: { uri: 'next.onnx' }, columns: { score: "'text'" } },
      { code: 'CHALLENGER_INVALID', where: 'challengers.next.columns.score' },
    ],
    [
      'beside a job that fixes the rows of a call',
      { name: 'next', model: { uri: 'next.onnx' } },
      { code: 'CHALLENGER_INVALID', where: 'model.batching' },
      { model: { uri: 'model.onnx', batching: { rows: 100 } } },
    ],
  ])('refuses one %s, before anything is scored', async (_, challenger, expected, change = {}) => {
    const running = score(place, { output, challengers: [challenger], ...change });
    await expect(running).rejects.toMatchObject(expected);
    await expect(readdir(place.path('out'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
