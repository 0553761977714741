import { expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { useLake } from '../support/lake.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnceIn } from './expect-rows.js';
import { inLake } from './lake-job.js';
import { untilLogged } from './process-log.js';
import { inFlightShards } from './in-flight-shards.js';

const place = useWorkplace();
const lake = useLake(place);
const fleet = useFleet(place);

test('while the store is away nothing is lost and no attempt is spent', async () => {
  await place.prepare({ rows: 1200 });
  // A single attempt spent would fail the run.
  const gate = await Gate.before(400, place, { ...(await inLake(lake)), errors: { attempts: 1 } });
  const patience = ['--s3-retry-for', '500ms'];
  fleet.scheduler('--interval', '1s', ...patience);
  const worker = fleet.worker(...patience);
  await fleet.ready(1, 1);
  const run = await fleet.submit();
  await waitFor('the shards at the gate', async () => (await inFlightShards(fleet)).has(3));

  lake.proxy.setFaults({ reset: 1 });
  await gate.open();
  const again = await untilLogged(worker, 'shard will be tried again', 2);
  for (const event of again) {
    expect(event).toMatchObject({ spent: false, error: { code: 'STORE_UNREACHABLE' } });
  }
  lake.proxy.setFaults({ reset: 0, slowDown: 1 });
  await untilLogged(worker, 'shard will be tried again', again.length + 2);
  lake.proxy.setFaults({ slowDown: 0 });

  expect(runOf(await place.shardmill('watch', run, '--json')).rows).toEqual({
    read: 1200,
    scored: 1200,
    rejected: 0,
    filtered: 0,
  });
  await expectEveryRowOnceIn(lake, 'out', 1200);
  expect((await fleet.status(run)).shards).toMatchObject({ done: 6, failed: 0 });
});
