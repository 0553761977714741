import { slow } from '@shardmill/test-kit';
import { expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { documentOf, useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { useLake } from '../support/lake.js';
import { finishedMarks } from '../support/output-folder.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnceIn } from './expect-rows.js';
import { finishedMarksIn, inLake, partsIn } from './lake-job.js';
import { untilLogged } from './process-log.js';

const place = useWorkplace();
const lake = useLake(place);
const fleet = useFleet(place);

const HOURS_PER_PART = { iterations: 20_000_000 };

test('a cancelled run leaves no _SUCCESS, and resume makes no part again', async () => {
  await place.prepare({ rows: 1200 });
  const gate = await Gate.before(400, place, await inLake(lake));
  fleet.scheduler();
  const worker = fleet.worker();
  await fleet.ready(1, 1);
  const run = await fleet.submit();
  await waitFor('four parts', async () => (await partsIn(lake)).size === 4);
  expect(documentOf(await place.shardmill('cancel', run, '--wait', '--json'))).toEqual({
    run,
    state: 'cancelled',
  });
  // Nothing that it could wait for will ever happen.
  await untilLogged(worker, 'shard abandoned: it was taken out of the queue', 2);
  const before = await partsIn(lake);
  expect(before.size).toBe(4);
  expect(await finishedMarksIn(lake)).toEqual([]);

  lake.forget();
  await gate.open();
  const resumed = runOf(await place.shardmill('resume', run, '--wait', '--json'));
  expect(resumed.rows).toEqual({ read: 1200, scored: 1200, rejected: 0, filtered: 0 });
  const after = await partsIn(lake);
  expect([...after].filter(([key]) => before.has(key))).toEqual([...before]);
  const written = lake
    .requests()
    .flatMap(({ method, path }) => (method === 'PUT' ? (path.split('/').at(-1) ?? '') : []));
  expect(written.filter((name) => before.has(name))).toEqual([]);
  await expectEveryRowOnceIn(lake, 'out', 1200);
});

test('a cancelled run stops also inside the model', async () => {
  await place.prepare({
    rows: 400,
    model: slow(HOURS_PER_PART),
    job: { features: { features: ['a', 'b', 'c'] }, plan: { partRows: 100, shardParts: 2 } },
  });
  fleet.scheduler();
  const worker = fleet.worker();
  await fleet.ready(1, 1);
  const run = await fleet.submit();
  await untilLogged(worker, 'an engine has opened the run');
  const engines = await childrenOf(worker.pid);
  documentOf(await place.shardmill('cancel', run, '--wait', '--json'));
  await waitFor('the end of its engine', () => !engines.some(isAlive), worker);
  expect(await finishedMarks(place.path('out'))).toEqual([]);
  expect((await fleet.status(run)).state).toBe('cancelled');
});
