import { readdir, readFile, rm } from 'node:fs/promises';
import { type Profile, type ProfileColumn } from '@shardmill/core';
import { profileSchema } from '@shardmill/core/schemas';
import { describe, expect, test } from 'vitest';
import { refusalOf, runOf } from '../support/command.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const ROWS = 40_000;
/** Four parts in one shard, each of five row groups or fewer. */
const PLAN = { partRows: 10_240, shardParts: 4 };

async function textOf(runId: string, out = 'out'): Promise<string> {
  return readFile(place.path(out, '_shardmill', runId, 'profile.json'), 'utf8');
}

const parse = (text: string): Profile => profileSchema.parse(JSON.parse(text));

async function score(): Promise<string> {
  return runOf(await place.shardmill('run', 'job.json', '--json')).runId;
}

function numbers(columns: readonly ProfileColumn[], name: string) {
  const column = columns.find((one) => one.name === name);
  if (column?.kind !== 'number') throw new Error(`${name} is no column of numbers`);
  return column;
}

describe('the profile of a run', () => {
  test('agrees with exact values, and is the same after an interruption and by another way', async () => {
    const columns = { id: 'id', score: 'score', band: "CASE WHEN id % 4 = 0 THEN 'low' END" };
    const checks = [{ name: 'ids', kind: 'unique' as const, columns: ['id', 'band'] }];
    await place.prepare({
      rows: ROWS,
      job: { plan: PLAN, profile: { features: true }, checks, output: { uri: 'out', columns } },
    });
    const runId = await score();
    const text = await textOf(runId);
    const { features, outputs } = parse(text);
    const manifest = await place.manifest(runId);
    expect(manifest.profile).toMatchObject({ bytes: Buffer.byteLength(text) });

    // All rows of the result.
    const output = numbers(outputs.columns, 'score');
    const [exact = {}] = await place.results(
      'min(score) AS low, max(score) AS high, avg(score) AS mean, stddev_pop(score) AS deviation, quantile_disc(score, 0.5) AS middle, count(DISTINCT score) AS different',
    );
    expect(output).toMatchObject({ count: ROWS, nulls: 0, min: exact['low'], max: exact['high'] });
    expect(output.mean).toBeCloseTo(Number(exact['mean']), 12);
    expect(output.standardDeviation).toBeCloseTo(Number(exact['deviation']), 10);
    const middle = output.quantiles.find(({ fraction }) => fraction === 0.5)?.value ?? 0;
    expect(Math.abs(middle / Number(exact['middle']) - 1)).toBeLessThan(0.008);
    expect(Math.abs(output.distinct.count / Number(exact['different']) - 1)).toBeLessThan(0.07);

    expect(outputs.columns.find(({ name }) => name === 'band')).toMatchObject({
      kind: 'text',
      count: ROWS,
      nulls: (ROWS * 3) / 4,
      top: [{ value: 'low', count: ROWS / 4 }],
    });
    expect(manifest.quality?.outcomes[0]?.message).toMatch(
      /^none of 10,000 rows repeats "id", "band"; of a sample of 2,048 keys none is repeated, .* 30,000 rows without a key/,
    );

    // About half of the rows.
    const { sampling, columns: profiled } = features;
    expect(sampling).toMatchObject({ every: 2, blockRows: 64 });
    expect(Math.abs(sampling.rows / ROWS - 0.5)).toBeLessThan(0.1);
    expect(profiled.map(({ name, input, element }) => [name, input, element])).toEqual([
      ['a', 'features', 0],
      ['b', 'features', 1],
      ['c', 'features', 2],
    ]);
    expect(numbers(profiled, 'c').distinct).toEqual({ count: 13, exact: true });
    expect(numbers(profiled, 'b').mean).toBeCloseTo(0, 2);

    // As after a kill between two parts: some parts are there, but no record of their shard.
    const [record = ''] = await readdir(place.path('out/_shardmill', runId, 'shards'));
    for (const gone of [
      '_SUCCESS',
      `_shardmill/${runId}/manifest.json`,
      `_shardmill/${runId}/profile.json`,
      `_shardmill/${runId}/quality.json`,
      `_shardmill/${runId}/shards/${record}`,
      `part-${runId}-000000-000002.parquet`,
    ]) {
      await rm(place.path('out', gone));
    }
    expect(await score()).toBe(runId);
    expect(await textOf(runId)).toBe(text);
    expect((await place.manifest(runId)).quality).toEqual(manifest.quality);

    // In two passes, by one lane, in small batches.
    await place.writeJob({
      plan: PLAN,
      profile: { features: true },
      resources: { lanes: 1, batchRows: 333 },
      output: { uri: 'other', columns },
    });
    const other = parse(await textOf(await score(), 'other'));
    expect(other.features).toEqual(features);
    expect(other.outputs).toEqual(outputs);
  });

  test('names features that the job does not have before anything is scored', async () => {
    await place.prepare({ job: { profile: { features: ['a', 'bb'], rows: 'all' } } });
    const ended = await place.shardmill('run', 'job.json', '--json');
    expect(refusalOf(ended)).toMatchObject({
      code: 'PROFILE_FEATURE_UNKNOWN',
      message: 'profile.features names "bb", which is no feature with a profile. Did you mean "b"?',
    });
  });
});
