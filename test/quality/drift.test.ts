import { readFile } from 'node:fs/promises';
import { driftSchema, profileSchema } from '@shardmill/core/schemas';
import { describe, expect, test } from 'vitest';
import { refusalOf, runOf } from '../support/command.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const ROWS = 4000;

describe('a run that is compared with a baseline', () => {
  test('says what has changed since the profile of a training set, and needs a baseline with all features', async () => {
    await place.prepare({ rows: ROWS });
    const made = await place.shardmill('profile', 'create', 'job.json', '-o', 'base.json');
    expect(made.stdout).toContain(`3 features and 1 output of ${ROWS.toLocaleString('en')} rows`);

    // Other rows of the same kind; one feature has moved by a standard deviation, and one is missing.
    await place.writeParquet(
      'later/a.parquet',
      `SELECT id, a, b + 0.3 AS b, CASE WHEN id % 5 > 0 THEN c END AS c FROM '${place.path('data/a.parquet')}'`,
    );
    const job = { input: { uri: 'later' }, nulls: 'nan' as const };
    const output = { uri: 'out', mode: 'overwrite' as const, columns: { score: 'score' } };
    await place.writeJob({ ...job, output, drift: { baseline: 'base.json' } });
    const ended = await place.shardmill('run', 'job.json', '--json');
    const { runId, drift } = runOf(ended);
    const drifted = drift?.columns.filter(({ metrics }) => metrics.some((one) => one.drifted));
    expect(drifted?.map(({ name }) => name)).toEqual(expect.arrayContaining(['b', 'c']));
    expect(drifted?.map(({ name }) => name)).not.toContain('a');
    expect((await place.manifest(runId)).drift).toEqual(drift);
    const noted = await readFile(place.path('out/_shardmill', runId, 'drift.json'), 'utf8');
    expect(driftSchema.parse(JSON.parse(noted))).toMatchObject({
      runId,
      columns: drift?.columns,
      baseline: { uri: place.path('base.json') },
    });

    // The first feature is not in the baseline any more: nothing is scored.
    const profile = profileSchema.parse(
      JSON.parse(await readFile(place.path('base.json'), 'utf8')),
    );
    profile.features.columns.shift();
    await place.write('base.json', Buffer.from(JSON.stringify(profile)));
    const refused = refusalOf(await place.shardmill('run', 'job.json', '--json'));
    expect(refused).toMatchObject({
      code: 'DRIFT_BASELINE_MISMATCH',
      message: 'feature "a" is float32, the baseline does not have it',
      where: place.path('base.json'),
    });
  });
});

describe('a baseline', () => {
  test('is made of a training set as it is, without a job', async () => {
    await place.prepare({ rows: ROWS });
    const columns = ['--columns', 'a,B,c', '-o', 'base.json'];
    const made = await place.shardmill('profile', 'create', '--input', 'data', ...columns);
    expect(made.stdout).toContain(`3 columns of ${ROWS.toLocaleString('en')} rows`);
    expect(
      profileSchema.parse(JSON.parse(await readFile(place.path('base.json'), 'utf8'))),
    ).toMatchObject({
      job: null,
      dataset: { uri: place.path('data') },
      features: { columns: [{ name: 'a', type: 'float64', count: ROWS }, {}, {}] },
      outputs: { columns: [] },
    });
  });
});
