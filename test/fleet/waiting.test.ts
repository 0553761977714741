import { describe, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { documentOf, failureOf, useFleet } from '../support/fleet.js';
import { readdir } from 'node:fs/promises';
import { waitFor } from '../support/wait.js';
import { numbered, useWorkplace } from '../support/workplace.js';
import { z } from 'zod';

const place = useWorkplace();
const fleet = useFleet(place);

const waiting = z.object({
  state: z.string(),
  inputWait: z
    .object({
      conditions: z.array(z.string()),
      since: z.string(),
      lacks: z.array(z.string()).nullable(),
    })
    .nullable(),
});

async function statusOf(run: string): Promise<z.output<typeof waiting>> {
  return waiting.parse(documentOf(await place.shardmill('status', run, '--json')));
}

const WAIT = { marker: '_SUCCESS', every: '1s' } as const;

describe('shardmill run', () => {
  test('waits, says for what, and scores what came', async () => {
    await place.prepare({
      job: { input: { uri: 'data', waitFor: { ...WAIT, files: 2, rows: 150 } } },
    });
    const run = place.start('run', 'job.json', '--json');
    await waitFor('the marker to be missed', () => run.stderr.includes('is not there'), run);
    expect(run.stderr).toMatch(
      /^test: waiting for marker _SUCCESS and 2 files and 150 rows, for \d.*, then it fails; .*data\/_SUCCESS is not there$/m,
    );
    await place.write('data/_SUCCESS', '');
    await waitFor('files to be missed', () => run.stderr.includes('1 of 2 files are there'), run);
    await place.writeParquet('data/b.parquet', numbered(50, 100));
    expect(runOf(await run.ended).rows.read).toBe(150);
  });

  test('ends with 4 where it skips, 1 where it fails, and runs where it should', async () => {
    const ending = (onTimeout: 'fail' | 'skip' | 'run') =>
      place.prepare({
        job: { input: { uri: 'data', waitFor: { ...WAIT, timeout: '1s', onTimeout } } },
      });
    await ending('skip');
    const skipped = failureOf(await place.shardmill('run', 'job.json', '--json'), 4);
    expect(skipped).toMatchObject({ code: 'RUN_SKIPPED', exitCode: 4 });
    expect(skipped.message).toContain('data/_SUCCESS is not there');
    await ending('fail');
    const failed = failureOf(await place.shardmill('run', 'job.json', '--json'), 1);
    expect(failed.code).toBe('INPUT_WAIT_TIMEOUT');
    expect(await readdir(place.path())).not.toContain('out');
    await ending('run');
    const ran = await place.shardmill('run', 'job.json', '--json');
    expect(runOf(ran).rows.read).toBe(100);
    expect(ran.stderr).toContain('running with what is there');
  });

  test('ends with 130 on SIGINT while it waits', async () => {
    await place.prepare({ job: { input: { uri: 'data', waitFor: WAIT } } });
    const run = place.start('run', 'job.json', '--json');
    await waitFor('it to wait', () => run.stderr.includes('is not there'), run);
    run.kill('SIGINT');
    expect(failureOf(await run.ended, 130).code).toBe('INTERRUPTED');
  });
});

describe('a submitted run', () => {
  test('waits over a killed scheduler and an emptied Redis, and is seen to', async () => {
    await place.prepare({
      job: { input: { uri: 'data', waitFor: { ...WAIT, unchangedFor: '2s' } } },
    });
    const first = fleet.scheduler('--interval', '500ms');
    fleet.worker();
    await fleet.ready(1, 1);
    const run = await fleet.submit();
    await waitFor('a look', async () => (await fleet.status(run)).inputWait?.lacks != null, first);
    const before = await statusOf(run);
    expect(before).toMatchObject({
      state: 'waiting',
      inputWait: { conditions: ['marker _SUCCESS', 'files unchanged for 2s'] },
    });
    const report = await place.shardmill('status', run);
    expect(report.stdout).toMatch(/waiting: for marker _SUCCESS and files unchanged for 2s, for/);
    const watch = place.start('watch', run);
    await waitFor('watch to say so', () => /test: waiting, waiting: for/.test(watch.stderr), watch);
    first.kill('SIGKILL');
    await first.ended;
    await fleet.redis.command('FLUSHALL');
    // Without a scheduler, its log says for what it waits and since when.
    expect(await statusOf(run)).toMatchObject({
      state: 'waiting',
      inputWait: { since: before.inputWait?.since, lacks: null },
    });
    expect((await place.shardmill('runs')).stdout).toMatch(/waiting +for marker _SUCCESS/);
    const second = fleet.scheduler('--interval', '500ms');
    await waitFor('a look', async () => (await fleet.status(run)).inputWait?.lacks != null, second);
    expect((await statusOf(run)).inputWait?.since).toBe(before.inputWait?.since);
    await place.write('data/_SUCCESS', '');
    const ended = await watch.ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect((await fleet.status(run)).state).toBe('finished');
  });

  test('is cancelled while it waits; one that was skipped ends its watch with 4', async () => {
    await place.prepare({ job: { input: { uri: 'data', waitFor: WAIT } } });
    fleet.scheduler('--interval', '500ms');
    await fleet.ready(1, 0);
    const run = await fleet.submit();
    const cancelled = await place.shardmill('cancel', run, '--wait', '--json');
    expect(documentOf(cancelled)).toEqual({ run, state: 'cancelled' });
    await place.writeJob({
      input: { uri: 'data', waitFor: { ...WAIT, timeout: '1s', onTimeout: 'skip' } },
    });
    const skipped = await place.shardmill('submit', 'job.json', '--wait', '--json');
    expect(failureOf(skipped, 4).code).toBe('RUN_SKIPPED');
    expect((await place.shardmill('runs')).stdout).toMatch(/– skipped/);
  });
});
