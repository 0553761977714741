import { beforeEach, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { failureOf, useFleet } from '../support/fleet.js';
import { finishedMarks, partFacts } from '../support/output-folder.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnce } from './expect-rows.js';

const place = useWorkplace();
const fleet = useFleet(place);

/** The first row ends the engine until `fixed` is there. Rows from `waitFrom` on wait for that. */
async function prepare(waitFrom: number, attempts: number): Promise<void> {
  await place.prepare({ rows: 800 });
  await place.write(
    'poison.mjs',
    `import { existsSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const fixed = () => existsSync(${JSON.stringify(place.path('fixed'))});
    export default async function poison(batch) {
      for (const id of batch.getChild('id')) {
        if (id === 0n && !fixed()) process.kill(process.pid, 'SIGKILL');
        while (id >= ${waitFrom}n && !fixed()) await sleep(10);
      }
      return batch;
    }`,
  );
  await place.writeJob({
    transform: { columns: ['id', 'a', 'b', 'c'], module: 'poison.mjs' },
    plan: { partRows: 100, shardParts: 2 },
    errors: { attempts },
  });
}

beforeEach(() => fleet.start(1));

test('a shard that ends its engine every time fails with its attempts, the others are done', async () => {
  await prepare(800, 2);
  const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
  expect(failureOf(ended, 1)).toMatchObject({
    code: 'ENGINE_CRASHED',
    message: expect.stringContaining('SIGKILL'),
    where: expect.stringContaining('rows 0 to 199'),
  });
  const status = await fleet.status('last');
  expect(status.shards).toMatchObject({ planned: 4, done: 3, failed: 1 });
  const crash = { error: { code: 'ENGINE_CRASHED' } };
  expect(status.failures).toMatchObject([{ shard: 0, story: [crash, crash] }]);
  expect(await finishedMarks(place.path('out'))).toEqual([]);

  const before = await partFacts(place.path('out'));
  await place.write('fixed', '');
  const retried = runOf(await place.shardmill('retry', status.run, '--wait', '--json'));
  expect(retried.rows.scored).toBe(800);
  const after = await partFacts(place.path('out'));
  for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
  await expectEveryRowOnce(place, 800);
});

test('with --fail-fast the run ends although other shards never would', async () => {
  await prepare(400, 1);
  const ended = await place.shardmill('submit', 'job.json', '--fail-fast', '--wait', '--json');
  expect(failureOf(ended, 1).code).toBe('ENGINE_CRASHED');
  const status = await fleet.status('last');
  expect(status).toMatchObject({ state: 'failed', shards: { planned: 4, failed: 1 } });
  expect(status.shards.done).toBeLessThanOrEqual(1);
  expect(await finishedMarks(place.path('out'))).toEqual([]);

  await place.write('fixed', '');
  const resumed = runOf(await place.shardmill('resume', status.run, '--wait', '--json'));
  expect(resumed.rows.scored).toBe(800);
  await expectEveryRowOnce(place, 800);
});
