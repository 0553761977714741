import { describe, expect, test } from 'vitest';
import { refusalOf } from '../support/command.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/** The engine of a command is started before the command is read. */
describe('an engine that was started and is not needed', () => {
  test.each([
    ['the job cannot be found', ['run', 'nowhere.json']],
    ['an option is unknown', ['plan', 'job.json', '--nonsense']],
  ])('ends with its command: %s', async (_, args) => {
    const run = place.start(...args, '--json');
    let engines: number[] = [];
    await waitFor('an engine, or the end', async () => {
      engines = await childrenOf(run.pid);
      return engines.length > 0 || run.over;
    });
    expect(refusalOf(await run.ended)).toMatchObject({ exitCode: 2 });
    await waitFor('the end of the engine', () => !engines.some(isAlive));
  });

  test('is not started for help', async () => {
    const { code, stdout } = await place.shardmill('run', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: shardmill run');
  });
});
