import { expect, test } from 'vitest';
import { refusalOf, runOf } from '../support/command.js';
import { Gate } from '../support/gate.js';
import { finishedMarks } from '../support/output-folder.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

test('a run that reaches a limit of time or cost ends with 3, keeps its parts, and goes on', async () => {
  await place.prepare({ rows: 800 });
  // Each millisecond of the worker costs more than the small limit below.
  await place.write('shardmill.config.json', '{ "price": { "workerHour": 1000000 } }');
  // Half of its shards can be done, the others wait: it cannot end before it is stopped.
  const gate = await Gate.before(400, place);
  const run = (...limit: string[]) => place.shardmill('run', 'job.json', '--json', ...limit);

  const late = await run('--max-duration', '1s');
  expect(late.code).toBe(3);
  expect(refusalOf(late)).toMatchObject({
    code: 'MAX_DURATION_REACHED',
    message: expect.stringMatching(/limits\.maxDuration is 1s; \d of 8 parts are done and kept/),
    remedy: expect.stringContaining('job.json --max-duration 1s: it goes on'),
    exitCode: 3,
  });
  const expensive = await run('--max-cost', '0.0001');
  expect(expensive.code).toBe(3);
  expect(refusalOf(expensive)).toMatchObject({ code: 'MAX_COST_REACHED', exitCode: 3 });
  expect(await finishedMarks(place.path('out'))).toEqual([]);

  await gate.open();
  const finished = runOf(await run('--max-cost', '900000000'));
  expect(finished).toMatchObject({
    resumed: true,
    rows: { read: 800, scored: 800 },
    usage: { pool: null, pricePerWorkerHour: 1_000_000 },
  });
  const { workerSeconds = 0, cost = 0 } = finished.usage ?? {};
  expect(workerSeconds).toBeGreaterThan(0);
  expect(cost).toBeCloseTo((workerSeconds / 3600) * 1_000_000, 6);
  expect(await place.results('count(*) AS n, count(DISTINCT id) AS ids')).toEqual([
    { n: 800, ids: 800 },
  ]);
});
