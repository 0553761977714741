import { describe, expect, test } from 'vitest';
import { type RunningCommand, runOf } from '../support/command.js';
import { documentOf, failureOf, useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { finishedMarks, partFacts } from '../support/output-folder.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const fleet = useFleet(place);

/** A run of 800 rows in 8 parts on a fleet that has finished 4 parts and can go no further. */
async function stoppedInTheMiddle(): Promise<{ run: string; gate: Gate }> {
  await place.prepare({ rows: 800 });
  const gate = await Gate.before(400, place);
  await fleet.start(1);
  const run = await fleet.submit();
  await waitFor('four parts', async () => (await partFacts(place.path('out'))).size === 4);
  return { run, gate };
}

async function expectEveryRowOnce(): Promise<void> {
  expect(
    await place.results('count(*) AS n, count(DISTINCT id) AS ids, min(id) AS lo, max(id) AS hi'),
  ).toEqual([{ n: 800, ids: 800, lo: 0, hi: 799 }]);
}

describe('cancel', () => {
  test('stops a run and keeps what is done; resume goes on with it', async () => {
    const { run, gate } = await stoppedInTheMiddle();
    const cancelled = await place.shardmill('cancel', run, '--wait', '--json');
    expect(documentOf(cancelled)).toEqual({ run, state: 'cancelled' });
    expect((await fleet.status(run)).state).toBe('cancelled');
    expect(await finishedMarks(place.path('out'))).toEqual([]);
    const before = await partFacts(place.path('out'));
    expect(failureOf(await place.shardmill('watch', run, '--json'), 1).code).toBe('RUN_CANCELLED');

    await gate.open();
    const resumed = runOf(await place.shardmill('resume', run, '--wait', '--json'));
    expect(resumed.rows).toEqual({ read: 800, scored: 800, rejected: 0, filtered: 0 });
    const after = await partFacts(place.path('out'));
    for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
    await expectEveryRowOnce();
  });

  test('is refused for a run that has ended, as is retry of one that did not fail', async () => {
    await place.prepare();
    await fleet.start(1);
    const { runId } = runOf(await place.shardmill('submit', 'job.json', '--wait', '--json'));
    for (const command of ['cancel', 'resume', 'retry']) {
      const refusal = failureOf(await place.shardmill(command, runId, '--json'), 2);
      expect(refusal).toMatchObject({
        code: 'RUN_STATE',
        message: expect.stringMatching(/finished/),
      });
    }
  });
});

describe('a run whose shards fail', () => {
  /** Fails on rows from 400 on until `fixed` is there. */
  async function failing(): Promise<void> {
    await place.prepare({ rows: 800 });
    await place.write(
      'twist.mjs',
      `import { existsSync } from 'node:fs';
      export default function twist(batch) {
        for (const id of batch.getChild('id')) {
          if (id >= 400n && !existsSync(${JSON.stringify(place.path('fixed'))})) {
            throw new Error('not fixed yet');
          }
        }
        return batch;
      }`,
    );
    await place.writeJob({
      transform: { columns: ['id', 'a', 'b', 'c'], module: 'twist.mjs' },
      plan: { partRows: 100, shardParts: 2 },
    });
  }

  test('ends failed after the others are done, and status shows the attempts; retry finishes it', async () => {
    await failing();
    await fleet.start(2);
    const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
    const refusal = failureOf(ended, 1);
    expect(refusal.code).toBe('TRANSFORM_FAILED');
    expect(refusal.remedy).toMatch(/shardmill retry \S+/);
    expect(ended.stderr).toMatch(/✗ shard [23] {2}TRANSFORM_FAILED/);

    const status = await fleet.status('last');
    expect(status).toMatchObject({ state: 'failed', shards: { planned: 4, done: 2, failed: 2 } });
    expect(status.failures.map(({ shard }) => shard)).toEqual([2, 3]);
    expect(status.failures[0]?.story[0]).toMatchObject({
      worker: expect.stringMatching(/-\d+-/),
      error: { code: 'TRANSFORM_FAILED' },
    });
    expect(status.failuresAt).toContain('failed');
    const shown = await place.shardmill('status', 'last');
    expect(shown.stdout).toContain('not fixed yet');
    expect(shown.stdout).toContain(`shardmill retry ${status.run}`);

    const before = await partFacts(place.path('out'));
    await place.write('fixed', '');
    const retried = runOf(await place.shardmill('retry', status.run, '--wait', '--json'));
    expect(retried.rows).toEqual({ read: 800, scored: 800, rejected: 0, filtered: 0 });
    const after = await partFacts(place.path('out'));
    for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
    await expectEveryRowOnce();
  });
});

describe('Ctrl-C', () => {
  async function interrupted(command: RunningCommand): Promise<ReturnType<typeof failureOf>> {
    command.kill('SIGINT');
    return failureOf(await command.ended, 130);
  }

  test('while waiting leaves the run going, and says so', async () => {
    const { run, gate } = await stoppedInTheMiddle();
    const watching = place.start('watch', run, '--json');
    await waitFor('a line of progress', () => watching.stderr.includes('test: running'), watching);
    const refusal = await interrupted(watching);
    expect(refusal.message).toContain(`run ${run} goes on`);
    expect(refusal.remedy).toContain(`shardmill watch ${run}`);
    await gate.open();
    expect(runOf(await place.shardmill('watch', run, '--json')).rows.scored).toBe(800);
  });

  test('a worker that is asked to stop hands its shard back and ends with 0', async () => {
    await place.prepare({ rows: 800 });
    const gate = await Gate.before(400, place);
    fleet.scheduler();
    const first = fleet.worker('--grace', '1s');
    await fleet.ready(1, 1);
    const run = await fleet.submit();
    await waitFor('four parts', async () => (await partFacts(place.path('out'))).size === 4);
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
    await gate.open();
    fleet.worker();
    const finished = runOf(await place.shardmill('watch', run, '--json'));
    expect(finished.rows.scored).toBe(800);
    expect((await fleet.status(run)).shards).toMatchObject({ done: 4, failed: 0 });
  });
});
