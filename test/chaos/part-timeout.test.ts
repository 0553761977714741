import { slow } from '@shardmill/test-kit';
import { expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { failureOf, useFleet } from '../support/fleet.js';
import { partFacts } from '../support/output-folder.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnce } from './expect-rows.js';
import { untilLogged } from './process-log.js';

const place = useWorkplace();
const fleet = useFleet(place);

test('a part that takes too long is stopped inside the model, and its attempts are reported', async () => {
  await place.prepare({
    rows: 50,
    model: slow({ iterations: 20_000_000 }),
    job: { errors: { attempts: 2, partTimeout: '1s' } },
  });
  fleet.scheduler();
  const worker = fleet.worker();
  await fleet.ready(1, 1);
  const run = await fleet.submit();
  await untilLogged(worker, 'an engine has opened the run');
  const [engine = 0] = await childrenOf(worker.pid);
  const refusal = failureOf(await place.shardmill('watch', run, '--json'), 1);
  expect(refusal.code).toBe('PART_TIMEOUT');
  expect(isAlive(engine)).toBe(false);

  const { failures } = await fleet.status(run);
  const [id] = (await fleet.processes()).flatMap((one) => (one.kind === 'worker' ? one.id : []));
  const attempt = {
    worker: id,
    error: { code: 'PART_TIMEOUT', message: 'a part did not go on for 1 s' },
  };
  expect(failures).toMatchObject([{ shard: 0, code: 'PART_TIMEOUT', story: [attempt, attempt] }]);
  const times = failures.flatMap(({ story }) =>
    story.flatMap((one) => [one.startedAt, one.endedAt]),
  );
  expect(times).toEqual(times.toSorted());
  for (const { startedAt, endedAt } of failures[0]?.story ?? []) {
    expect(Date.parse(endedAt) - Date.parse(startedAt)).toBeGreaterThanOrEqual(1000);
  }
});

test('retry finishes such a run when the cause is gone, and touches no part that is there', async () => {
  await place.prepare({ rows: 800 });
  await place.write(
    'stuck.mjs',
    `import { existsSync } from 'node:fs';
    export default async function stuck(batch) {
      for (const id of batch.getChild('id')) {
        if (id >= 600n && !existsSync(${JSON.stringify(place.path('fixed'))})) {
          await new Promise(() => {});
        }
      }
      return batch;
    }`,
  );
  await place.writeJob({
    transform: { columns: ['id', 'a', 'b', 'c'], module: 'stuck.mjs' },
    plan: { partRows: 100, shardParts: 2 },
    errors: { attempts: 1, partTimeout: '2s' },
  });
  await fleet.start(1);
  const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
  expect(failureOf(ended, 1).code).toBe('PART_TIMEOUT');
  const status = await fleet.status('last');
  expect(status.shards).toMatchObject({ done: 3, failed: 1 });
  const before = await partFacts(place.path('out'));
  expect(before.size).toBe(6);

  await place.write('fixed', '');
  const retried = runOf(await place.shardmill('retry', status.run, '--wait', '--json'));
  expect(retried.rows).toEqual({ read: 800, scored: 800, rejected: 0, filtered: 0 });
  const after = await partFacts(place.path('out'));
  for (const [name, fact] of before) expect(after.get(name)).toEqual(fact);
  await expectEveryRowOnce(place, 800);
});
