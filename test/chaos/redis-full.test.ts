import { expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { partFacts } from '../support/output-folder.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnce } from './expect-rows.js';
import { inFlightShards } from './in-flight-shards.js';

const place = useWorkplace();
const fleet = useFleet(place);
const FULL = /Redis is at its memory limit/;

test('a fleet waits for a Redis at its memory limit, says so, and goes on when there is memory', async () => {
  await place.prepare({ rows: 1200 });
  const gate = await Gate.before(400, place, { errors: { attempts: 1 } });
  const scheduler = fleet.scheduler('--interval', '1s');
  const worker = fleet.worker();
  await fleet.ready(1, 1);
  const run = await fleet.submit();
  await waitFor('the shards at the gate', async () => (await inFlightShards(fleet)).has(3));
  const watching = place.start('watch', run, '--json');

  await fleet.redis.command('CONFIG', 'SET', 'maxmemory', '1');
  await gate.open();
  // Another run finds no place in the queue.
  const second = await fleet.submit('--output', 'second');
  await waitFor('both logs', () => [scheduler, worker].every(({ stderr }) => FULL.test(stderr)));
  await waitFor('the notice to the waiting command', () => FULL.test(watching.stderr), watching);
  expect((await fleet.status(run)).waiting).toMatch(FULL);
  expect((await partFacts(place.path('out'))).size).toBe(8);
  await fleet.redis.command('CONFIG', 'SET', 'maxmemory', '0');

  expect(runOf(await watching.ended).rows.scored).toBe(1200);
  await expectEveryRowOnce(place, 1200);
  expect(runOf(await place.shardmill('watch', second, '--json')).rows.scored).toBe(1200);
  await expectEveryRowOnce(place, 1200, 'second');
});
