import { mkdir } from 'node:fs/promises';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { refusalOf, type RunningCommand } from '../support/command.js';
import { childrenOf, isAlive, lookAtProcess } from '../support/processes.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

// Patterns whose matching practically never ends, in commands of one machine.

vi.setConfig({ testTimeout: 120_000 });
const place = useWorkplace('file');

/** Each star may stand for any of the letters of the name that it is held against. */
const ENDLESS = `names/${'*a'.repeat(30)}*b`;
const MAX_MS = 30_000;

beforeAll(async () => {
  await place.prepare({ rows: 100 });
  await place.write(`names/${'a'.repeat(200)}.parquet`, '');
  await mkdir(place.path('results'));
});

const COMMANDS = {
  plan: ['plan', 'job.json', '--input', ENDLESS],
  run: ['run', 'job.json', '--input', ENDLESS, '--output', 'results/run'],
  inspect: ['inspect', ENDLESS],
  'validate --expect': ['validate', 'job.json', '--expect', ENDLESS, '--key', 'id'],
};

describe('a command whose pattern is matched without end', () => {
  test.each(Object.entries(COMMANDS))('ends at its deadline: %s', async (_, command) => {
    const began = performance.now();
    const ended = await place.shardmill(...command, '--plan-timeout', '2s', '--json');
    expect(refusalOf(ended).code).toBe('PLAN_TIMEOUT');
    expect(performance.now() - began).toBeLessThan(MAX_MS);
  });

  test('ends when it is interrupted', async () => {
    const command = place.start(...COMMANDS.run, '--json');
    const planner = await plannerOf(command);
    const began = performance.now();
    command.kill('SIGINT');
    const ended = await command.ended;
    expect(ended.code).toBe(130);
    expect(refusalOf(ended).code).toBe('INTERRUPTED');
    expect(performance.now() - began).toBeLessThan(MAX_MS);
    await waitFor('the end of its planner', () => !isAlive(planner));
  });

  test('leaves no process where it is killed', async () => {
    const command = place.start(...COMMANDS.plan);
    const planner = await plannerOf(command);
    command.kill('SIGKILL');
    await waitFor('the end of its planner', () => !isAlive(planner));
  });
});

test('another pattern is as good as a folder', async () => {
  await place.writeJob({ input: { uri: 'data/[a-b].parquet' } });
  const ended = await place.shardmill('run', 'job.json', '--output', 'results/good');
  expect(ended.code, ended.stderr).toBe(0);
  expect(await place.results('count(*) AS n', 'results/good')).toEqual([{ n: 100 }]);
});

/** The process that matches for a command, once it has been busy for a while. */
async function plannerOf(command: RunningCommand): Promise<number> {
  let found: number | undefined;
  await waitFor(
    'its planner',
    async () => {
      for (const pid of await childrenOf(command.pid)) {
        const { command: line, seconds } = await lookAtProcess(pid);
        // By then it has loaded all that it needs, and matches.
        if (/planner(-main)?\.js/.test(line) && seconds > 1) found = pid;
      }
      return found !== undefined;
    },
    command,
  );
  if (found === undefined) throw new Error('there is no planner');
  return found;
}
