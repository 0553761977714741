import { failsOnRows } from '@shardmill/test-kit';
import { describe, expect, test } from 'vitest';
import { type Ended, runOf } from '../support/command.js';
import { partFacts, runIds } from '../support/output-folder.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const run = (...options: string[]): Promise<Ended> =>
  place.shardmill('run', 'job.json', '--json', ...options);

describe('a run of what was scored already', () => {
  test('is refused, and says how to take it for the answer', async () => {
    await place.prepare();
    expect((await run()).code).toBe(0);
    const again = await run();
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stdout)).toMatchObject({
      error: { code: 'OUTPUT_EXISTS', remedy: expect.stringContaining('--if-finished ok') },
    });
  });

  test.each(['create', 'overwrite', 'append'])(
    'with --if-finished ok answers with its manifest and 0, in mode %s',
    async (mode) => {
      await place.prepare();
      const first = runOf(await run('--if-finished', 'ok'));
      expect(first).toMatchObject({ alreadyFinished: false });
      const before = await partFacts(place.path('out'));
      const again = runOf(await run('--if-finished', 'ok', '--mode', mode));
      expect(again).toMatchObject({
        runId: first.runId,
        manifest: first.manifest,
        rows: first.rows,
        alreadyFinished: true,
      });
      const shown = await place.shardmill('run', 'job.json', '--if-finished', 'ok', '--mode', mode);
      expect(shown.stdout).toContain('test was scored already');
      expect(await partFacts(place.path('out'))).toEqual(before);
      expect(await runIds(place.path('out'))).toEqual([first.runId]);
    },
  );

  test('scores where the data are others', async () => {
    await place.prepare();
    const first = runOf(await run());
    await place.prepare({ rows: 120 });
    expect((await run('--if-finished', 'ok')).code).toBe(2);
    const other = runOf(await run('--if-finished', 'ok', '--mode', 'overwrite'));
    expect(other).toMatchObject({ rows: { read: 120 }, alreadyFinished: false });
    expect(other.runId).not.toBe(first.runId);
  });
});

describe('a run over its budget', () => {
  test('is shown by inspect with reasons, and with the command that accepts it', async () => {
    await place.prepare({
      rows: 105,
      model: failsOnRows({ tableSize: 100 }),
      job: {
        features: { id: 'id' },
        output: { uri: 'out/ds={{ ds }}', columns: { id: 'id', value: 'value' } },
      },
    });
    const ended = await run('--param', 'ds=2026-01-31', '--output', "odd 'out");
    expect(ended.code).toBe(3);
    const { stdout } = await place.shardmill('inspect', "odd 'out");
    expect(stdout).toMatch(/105 of 105 rows in finished shards \(100%\)/);
    expect(stdout).toMatch(/rejected\s+5 rows/);
    expect(stdout).toMatch(/1 × model: Non-zero status code/);
    const command = /accept them:\s+(.+)/.exec(stdout)?.[1] ?? '';
    expect(command).toBe(
      `shardmill run job.json --param ds=2026-01-31 --output 'odd '\\''out' --max-rejected-rows 5`,
    );
    // The command is run as a shell reads it.
    const accepted = await place.startIn(`"$@" ${command.replace(/^shardmill /, '')} --json`).ended;
    expect(runOf(accepted)).toMatchObject({ rows: { rejected: 5 }, resumed: true });
  });
});

describe('a trial', () => {
  test.each([
    ['--limit', 'count(*) AS n, min(id) AS low, max(id) AS high', { n: 30, low: 0, high: 29 }],
    ['--sample', 'count(*) AS n, min(id) AS low, max(id) AS high', { n: 30, low: 35, high: 64 }],
  ])(
    'with %s scores some rows beside the output of whole runs',
    async (option, query, expected) => {
      await place.prepare();
      const whole = runOf(await run());
      const trial = runOf(await run(option, '30'));
      expect(trial.rows).toMatchObject({ read: 30, scored: 30, filtered: 0 });
      expect(await place.results(query, 'out_sample')).toEqual([expected]);
      expect(await place.results('count(*) AS n')).toEqual([{ n: 100 }]);
      expect(await runIds(place.path('out'))).toEqual([whole.runId]);
      // The next trial takes the place of the last one.
      runOf(await run(option, '20'));
      expect(await place.results('count(*) AS n', 'out_sample')).toEqual([{ n: 20 }]);
    },
  );

  test('cannot be both', async () => {
    await place.prepare();
    const ended = await run('--limit', '3', '--sample', '3');
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'USAGE' } });
  });
});
