import { slow } from '@shardmill/test-kit';
import { describe, expect, test } from 'vitest';
import { refusalOf, type RunningCommand, runOf } from '../support/command.js';
import { Gate } from '../support/gate.js';
import { finishedMarks, partFacts, runIds } from '../support/output-folder.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const RUN = ['run', 'job.json', '--json'] as const;

/** A run of 800 rows in 8 parts that has finished 4 of them and can go no further. */
async function stoppedInTheMiddle(attempts = 3): Promise<{ run: RunningCommand; gate: Gate }> {
  await place.prepare({ rows: 800 });
  const gate = await Gate.before(400, place, { errors: { attempts } });
  const run = place.start(...RUN);
  await waitFor('four parts', async () => (await partFacts(place.path('out'))).size === 4, run);
  return { run, gate };
}

async function expectEveryRowOnce(): Promise<void> {
  expect(
    await place.results('count(*) AS n, count(DISTINCT id) AS ids, min(id) AS lo, max(id) AS hi'),
  ).toEqual([{ n: 800, ids: 800, lo: 0, hi: 799 }]);
}

/** Runs the same command again and expects that it goes on and leaves what was there alone. */
async function expectToGoOn(): Promise<void> {
  const out = place.path('out');
  const before = await partFacts(out);
  expect(await finishedMarks(out)).toEqual([]);
  const run = runOf(await place.shardmill(...RUN));
  expect(run).toMatchObject({
    resumed: true,
    rowsResumed: 100 * before.size,
    rows: { read: 800, scored: 800, rejected: 0, filtered: 0 },
    parts: 8,
  });
  const after = await partFacts(out);
  expect(after.size).toBe(8);
  for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
  expect(await runIds(out)).toEqual([run.runId]);
  await expectEveryRowOnce();
}

describe('a run that is killed in the middle', () => {
  test('takes its engine along, and goes on at the first missing part', async () => {
    const { run, gate } = await stoppedInTheMiddle();
    const engines = await childrenOf(run.pid);
    expect(engines).toHaveLength(1);
    run.kill('SIGKILL');
    expect((await run.ended).code).toBeNull();
    await waitFor('the end of the engine', () => !engines.some(isAlive));
    await gate.open();
    await expectToGoOn();
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s ends with 130, says how to go on, leaves no engine, and goes on',
    async (signal) => {
      const { run, gate } = await stoppedInTheMiddle();
      const engines = await childrenOf(run.pid);
      run.kill(signal);
      const ended = await run.ended;
      expect(ended.code).toBe(130);
      expect(refusalOf(ended)).toMatchObject({
        code: 'INTERRUPTED',
        // The file of a part is there a moment before it is counted.
        message: expect.stringMatching(/[34] of 8 parts/),
        remedy: expect.stringContaining(`Run shardmill run ${place.path('job.json')}`),
      });
      expect(engines.filter(isAlive)).toEqual([]);
      await gate.open();
      await expectToGoOn();
    },
  );

  test('by Ctrl-C inside a call of the model that does not return', async () => {
    await place.prepare({ model: slow({ iterations: 1e12 }) });
    const run = place.start('run', 'job.json');
    await waitFor('the start of scoring', () => run.stderr.includes('100 rows in 1 file'), run);
    const engines = await childrenOf(run.pid);
    run.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('stopping: parts that are done are kept');
    expect(stderr).toMatch(/interrupted {2}.*0 of 1 parts/);
    expect(engines.filter(isAlive)).toEqual([]);
    expect(await finishedMarks(place.path('out'))).toEqual([]);
  });
});

describe('an engine that is killed in the middle', () => {
  test('is replaced, and the result is complete', async () => {
    const { run, gate } = await stoppedInTheMiddle();
    const before = await partFacts(place.path('out'));
    const engines = await childrenOf(run.pid);
    for (const pid of engines) process.kill(pid, 'SIGKILL');
    await gate.open();
    const ended = await run.ended;
    expect(runOf(ended)).toMatchObject({ rows: { read: 800, scored: 800 }, parts: 8 });
    expect(ended.stderr).toMatch(/shard \d: ENGINE_CRASHED .*SIGKILL.*trying again/);
    const after = await partFacts(place.path('out'));
    for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
    await expectEveryRowOnce();
  });

  test('each time fails the run and keeps the parts that are done', async () => {
    const { run, gate } = await stoppedInTheMiddle(2);
    await waitFor('the run to give up', async () => {
      for (const pid of await childrenOf(run.pid)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      return run.over;
    });
    const ended = await run.ended;
    expect(ended.code).toBe(1);
    expect(refusalOf(ended)).toMatchObject({
      code: 'ENGINE_CRASHED',
      message: expect.stringMatching(/SIGKILL.*2 of 4 shards failed.*2 attempts/s),
      remedy: expect.stringMatching(/./),
    });
    await gate.open();
    await expectToGoOn();
  });
});

test('two runs of one job at the same time are one run', async () => {
  await place.prepare({ rows: 800 });
  const gate = await Gate.before(400, place);
  const both = [place.start(...RUN), place.start(...RUN)];
  const planned = () => both.every(({ stderr }) => stderr.includes('800 rows in 1 file'));
  await waitFor('both to score', planned, ...both);
  await gate.open();
  const [first, second] = (await Promise.all(both.map((run) => run.ended))).map(runOf);
  expect(first?.runId).toBe(second?.runId);
  expect(first?.rows).toEqual({ read: 800, scored: 800, rejected: 0, filtered: 0 });
  expect(await runIds(place.path('out'))).toEqual([first?.runId]);
  await expectEveryRowOnce();
});
