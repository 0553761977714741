import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnce } from './expect-rows.js';
import { inFlightShards } from './in-flight-shards.js';

const place = useWorkplace();
const fleet = useFleet(place);

test('while Redis is away in-flight shards are finished; the run ends when it is back, empty', async () => {
  await place.prepare({ rows: 1200 });
  const gate = await Gate.before(400, place, { errors: { attempts: 1 } });
  await fleet.start(1);
  const run = await fleet.submit();
  await waitFor('the shards at the gate', async () => (await inFlightShards(fleet)).has(3));
  await fleet.redis.stop('SIGKILL');
  await gate.open();
  const records = place.path('out', '_shardmill', run, 'shards');
  await waitFor('two more records', async () => (await readdir(records)).length === 4);
  expect(await fleet.status(run)).toMatchObject({
    seen: 'objects',
    redis: 'away',
    state: 'running',
    rowsPlanned: 1200,
    rowsDone: 800,
    shards: { planned: 6, done: 4, failed: 0 },
  });
  // What it held is lost: it keeps nothing on disk.
  await fleet.redis.start();
  expect(runOf(await place.shardmill('watch', run, '--json')).rows.scored).toBe(1200);
  await expectEveryRowOnce(place, 1200);
});
