import { type S3FaultProxy, startS3FaultProxy } from '@shardmill/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { failureOf, useFleet } from '../support/fleet.js';
import { useLake } from '../support/lake.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnceIn } from './expect-rows.js';

const place = useWorkplace();
const lake = useLake(place);
const fleet = useFleet(place);

/** A store that ignores If-None-Match. */
let careless: S3FaultProxy;
beforeEach(async () => {
  const { endpoint, client } = lake.server;
  careless = await startS3FaultProxy({ target: endpoint, ignoreConditions: client });
  await place.prepare({ rows: 1000, job: { plan: { partRows: 100, shardParts: 2 } } });
});
afterEach(() => careless.close());

async function submitTo(...settings: string[]): ReturnType<typeof place.shardmill> {
  const options = ['--s3-endpoint', careless.endpoint, ...settings];
  fleet.scheduler(...options);
  fleet.worker(...options);
  await fleet.ready(1, 1);
  const output = ['--output', lake.uri('out')];
  return place.shardmill('submit', 'job.json', '--wait', '--json', ...output, ...options);
}

test('a store that ignores conditions is refused before anything is written', async () => {
  expect(failureOf(await submitTo(), 2)).toMatchObject({
    code: 'STORE_UNSUPPORTED',
    message: expect.stringContaining('If-None-Match'),
    remedy: expect.stringContaining('SHARDMILL_S3_CONDITIONAL_WRITES=unchecked'),
  });
  expect([...(await lake.objects('out')).keys()]).toEqual([]);
});

test('and used where the operator says so', async () => {
  const ended = await submitTo('--s3-conditional-writes', 'unchecked');
  expect(runOf(ended).rows).toEqual({ read: 1000, scored: 1000, rejected: 0, filtered: 0 });
  await expectEveryRowOnceIn(lake, 'out', 1000);
});
