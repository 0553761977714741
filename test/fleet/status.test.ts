import { describe, expect, test } from 'vitest';
import { type RunningCommand, runOf } from '../support/command.js';
import { documentOf, failureOf, useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { partFacts } from '../support/output-folder.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const fleet = useFleet(place);

describe('status', () => {
  test('shows a run under way, from the scheduler, and without Redis from the stores', async () => {
    await place.prepare({ rows: 800 });
    await Gate.before(400, place);
    await fleet.start(1);
    const run = await fleet.submit();
    await waitFor('four parts', async () => (await partFacts(place.path('out'))).size === 4);
    await waitFor('the scheduler to report it', async () => {
      const status = await fleet.status(run);
      return status.seen === 'scheduler' && status.state === 'running' && status.rowsDone >= 400;
    });
    await fleet.redis.stop();
    const status = documentOf(await place.shardmill('status', run, '--json'));
    expect(status).toMatchObject({
      seen: 'objects',
      redis: 'away',
      state: 'running',
      rowsPlanned: 800,
      shards: { planned: 4, done: 2, failed: 0 },
    });
    const text = (await place.shardmill('status', run)).stdout;
    expect(text).toContain('in the stores: Redis does not answer');
  });

  test('takes the beginning of an id, or last; others are refused with the nearest', async () => {
    await place.prepare();
    const run = await fleet.submit();
    expect((await fleet.status('last')).run).toBe(run);
    expect((await fleet.status(run.slice(0, 20))).run).toBe(run);
    const refusal = failureOf(await place.shardmill('status', `${run}x`, '--json'), 2);
    expect(refusal).toMatchObject({
      code: 'RUN_NOT_FOUND',
      message: expect.stringContaining(run),
    });
  });

  test('of nothing says that nothing was submitted', async () => {
    expect(failureOf(await place.shardmill('status', 'last', '--json'), 2).message).toContain(
      'no run has been submitted yet',
    );
  });
});

describe('watch', () => {
  test('says what is missing, takes no end of Redis for an end, and ends with the run', async () => {
    await place.prepare({ rows: 800 });
    const run = await fleet.submit();
    const watching = place.start('watch', run, '--json');
    const said = (text: RegExp) => (): boolean => text.test(watching.stderr);
    await waitFor('no scheduler', said(/no scheduler is there/), watching);
    fleet.scheduler();
    await waitFor('no worker', said(/no worker/), watching);
    await fleet.redis.stop();
    await waitFor('no Redis', said(/Redis does not answer/), watching);
    await fleet.redis.start();
    fleet.worker();
    const ended = await watching.ended;
    expect(runOf(ended).rows.scored).toBe(800);
  });
});

test('runs and workers list what there is', async () => {
  await place.prepare({ rows: 1000 });
  await fleet.start(2);
  const { runId } = runOf(await place.shardmill('submit', 'job.json', '--wait', '--json'));
  const second = await fleet.submit('--output', 'more');
  runOf(await place.shardmill('watch', second, '--json'));
  expect(documentOf(await place.shardmill('runs', '--json'))).toMatchObject([
    { run: second, state: 'finished', rowsDone: 1000 },
    { run: runId, job: 'test', state: 'finished', rowsDone: 1000 },
  ]);
  const runs = (await place.shardmill('runs')).stdout;
  expect(runs).toMatch(new RegExp(`^${runId} +test +✓ finished +1,000 +\\S`, 'm'));
  const workers = (await place.shardmill('workers')).stdout;
  expect(workers.match(/^\S+ +cpu +free/gm)).toHaveLength(2);
  expect(workers).toMatch(/^scheduler +runs +up$/m);
});

test('submit says what is missing, and stores the run also without Redis', async () => {
  await place.prepare();
  const alone = await place.shardmill('submit', 'job.json');
  expect(alone.code).toBe(0);
  expect(alone.stdout).toContain('! no scheduler is there');
  expect(alone.stdout).toContain('! no worker of pool cpu is there');
  await fleet.redis.stop();
  const away = await place.shardmill('submit', 'job.json', '--output', 'other');
  expect(away.code).toBe(0);
  expect(away.stdout).toContain('! Redis does not answer');
  const runs = documentOf(await place.shardmill('runs', '--json'));
  expect(runs).toMatchObject([{ state: 'submitted' }, { state: 'submitted' }]);
});

test('scheduler and worker log JSON, serve health and metrics, and end with 0 on SIGTERM', async () => {
  await place.prepare();
  const scheduler = fleet.scheduler('--port', '0');
  const worker = fleet.worker('--port', '0');
  await fleet.ready(1, 1);
  for (const process of [scheduler, worker]) {
    const port = await portOf(process);
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const isReady = async (): Promise<boolean> => (await ask('/readyz')).status === 200;
    expect((await ask('/healthz')).status).toBe(200);
    await waitFor('it to be ready', isReady, process);
    expect(await (await ask('/metrics')).text()).toContain('shardmill_');
    await fleet.redis.stop();
    if (process === worker) {
      await waitFor('it not to be ready', async () => !(await isReady()), process);
      expect(await (await ask('/readyz')).text()).toBe('not ready\nRedis does not answer\n');
    }
    expect((await ask('/healthz')).status).toBe(200);
    await fleet.redis.start();
    await waitFor('it to be ready again', isReady, process);
    process.kill('SIGTERM');
    expect((await process.ended).code).toBe(0);
  }
});

/** The port that a process has logged. Every line of its log is a JSON document. */
async function portOf(process: RunningCommand): Promise<number> {
  let port: unknown;
  await waitFor('its port', () => {
    for (const line of process.stderr.split('\n').slice(0, -1)) {
      const event: unknown = JSON.parse(line);
      expect(event).toMatchObject({ level: expect.any(String), time: expect.any(String) });
      port ??= Reflect.get(Object(event), 'port');
    }
    return port !== undefined;
  });
  return Number(port);
}
