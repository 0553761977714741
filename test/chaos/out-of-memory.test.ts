import { expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { failureOf, useFleet } from '../support/fleet.js';
import { hogOnDemand } from '../support/models.js';
import { partFacts } from '../support/output-folder.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnce } from './expect-rows.js';

const place = useWorkplace();
const fleet = useFleet(place);

test('a shard that needs more memory than there is fails alone; with more, retry finishes it', async () => {
  await place.prepare({
    rows: 800,
    model: hogOnDemand(),
    job: {
      // 800 MB for the rows of the last shard.
      features: { size: 'if(id >= 600, 200000000, 1)::FLOAT' },
      plan: { partRows: 100, shardParts: 2 },
      errors: { attempts: 2 },
    },
  });
  fleet.scheduler();
  const small = fleet.worker('--memory-limit', '500MB');
  await fleet.ready(1, 1);
  const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
  expect(failureOf(ended, 1)).toMatchObject({
    code: 'ENGINE_OUT_OF_MEMORY',
    message: expect.stringMatching(/used \d+ MiB, its limit is 477 MiB/),
  });
  const status = await fleet.status('last');
  expect(status.shards).toMatchObject({ planned: 4, done: 3, failed: 1 });
  const hog = { error: { code: 'ENGINE_OUT_OF_MEMORY' } };
  expect(status.failures).toMatchObject([{ shard: 3, story: [hog, hog] }]);
  expect(small.over).toBe(false);
  const before = await partFacts(place.path('out'));

  small.kill('SIGTERM');
  fleet.worker('--memory-limit', '4GiB');
  const retried = runOf(await place.shardmill('retry', status.run, '--wait', '--json'));
  expect(retried.rows.scored).toBe(800);
  const after = await partFacts(place.path('out'));
  for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
  await expectEveryRowOnce(place, 800);
});
