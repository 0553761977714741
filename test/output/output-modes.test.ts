import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type Ended, runOf } from '../support/command.js';
import { expectRefused } from '../support/expect-refusal.js';
import { finishedMarks, partFacts, runIds } from '../support/output-folder.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const run = (...options: string[]): Promise<Ended> =>
  place.shardmill('run', 'job.json', '--json', ...options);
const counts = () => place.results('count(*) AS n, count(DISTINCT id) AS ids');

async function successOf(): Promise<unknown> {
  return JSON.parse(await readFile(place.path('out/_SUCCESS'), 'utf8'));
}

/** A finished run over ids 0 to 99, and then an input with ids 50 to 149. */
async function finishedWithOtherInput(): Promise<string> {
  await place.prepare();
  const { runId } = runOf(await run());
  await place.writeParquet('data/a.parquet', numbered(100, 50));
  return runId;
}

describe('with results there already', () => {
  test('create refuses, says what is there, and changes nothing', async () => {
    const runId = await finishedWithOtherInput();
    const out = place.path('out');
    const before = await partFacts(out);
    const ended = await run();
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      error: {
        code: 'OUTPUT_EXISTS',
        message: expect.stringMatching(new RegExp(`run ${runId} of 100 scored rows`)),
        where: out,
        remedy: expect.stringMatching(/--mode overwrite.*--mode append/),
      },
    });
    expect(await partFacts(out)).toEqual(before);
    expect(await successOf()).toMatchObject({ runId });
  });

  test('plan and validate say so, before a run is started', async () => {
    const runId = await finishedWithOtherInput();
    const said = `a run is refused now: run ${runId} of 100 scored rows`;
    for (const command of ['plan', 'validate']) {
      const { code, stdout } = await place.shardmill(command, 'job.json');
      expect(code).toBe(0);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(said);
      const json = await place.shardmill(command, 'job.json', '--json');
      expect(JSON.parse(json.stdout)).toMatchObject({
        outputLocation: { state: 'refused', code: 'OUTPUT_EXISTS' },
      });
    }
    const other = await place.shardmill('plan', 'job.json', '--mode', 'overwrite', '--json');
    expect(JSON.parse(other.stdout)).toMatchObject({ outputLocation: { state: 'free' } });
  });

  test('overwrite puts the new result in the place of the old one', async () => {
    const old = await finishedWithOtherInput();
    const { runId } = runOf(await run('--mode', 'overwrite'));
    expect(runId).not.toBe(old);
    expect(await counts()).toEqual([{ n: 100, ids: 100 }]);
    expect(await place.results('min(id) AS first, max(id) AS last')).toEqual([
      { first: 50, last: 149 },
    ]);
    expect(await runIds(place.path('out'))).toEqual([runId]);
    expect(await successOf()).toMatchObject({ runId });
  });

  test('overwrite of a run that then fails keeps the old parts, without _SUCCESS', async () => {
    await finishedWithOtherInput();
    const out = place.path('out');
    const before = await partFacts(out);
    await place.writeJob({ features: { features: ['a', 'b', "error('no')::FLOAT"] } });
    expect((await run('--mode', 'overwrite')).code).toBe(1);
    const after = await partFacts(out);
    for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
    expect(await finishedMarks(out)).not.toContain('_SUCCESS');
  });

  test('append adds the new result to the old one', async () => {
    const old = await finishedWithOtherInput();
    const before = await partFacts(place.path('out'));
    const { runId } = runOf(await run('--mode', 'append'));
    expect(await counts()).toEqual([{ n: 200, ids: 150 }]);
    const after = await partFacts(place.path('out'));
    for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
    expect(await runIds(place.path('out'))).toEqual([old, runId].toSorted());
    expect(await successOf()).toMatchObject({ runId });
  });

  test('append refuses to add the same data twice', async () => {
    await place.prepare();
    runOf(await run());
    const ended = await run('--mode', 'append');
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      error: { code: 'OUTPUT_EXISTS', message: expect.stringContaining('the same data') },
    });
    expect(await counts()).toEqual([{ n: 100, ids: 100 }]);
  });
});

test('overwrite does not remove Parquet that Shardmill did not write', async () => {
  await place.prepare();
  await place.writeParquet('out/mine.parquet', numbered(3));
  const before = await partFacts(place.path('out'));
  await expectRefused(place, await run('--mode', 'overwrite'), {
    code: 'OUTPUT_EXISTS',
    message: /mine\.parquet/,
    where: place.path('out'),
  });
  expect(await partFacts(place.path('out'))).toEqual(before);
});

test('--output writes elsewhere, and leaves what is there', async () => {
  await finishedWithOtherInput();
  runOf(await run('--output', 'elsewhere'));
  expect(await place.results('min(id) AS first', 'elsewhere')).toEqual([{ first: 50 }]);
  expect(await place.results('min(id) AS first')).toEqual([{ first: 0 }]);
});
