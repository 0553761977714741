import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestPlan, FileStore, type Plan, planKey } from '@shardmill/core';
import { loadPage, loadPlan } from '@shardmill/core/plans';
import { FleetRedis, shardId, type ShardMessage, type ShardQueue } from '@shardmill/queue';
import { RunRegistry } from '@shardmill/scheduler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { waitFor } from '../support/wait.js';
import { numbered, usualJob, useWorkplace } from '../support/workplace.js';
import { runLogAt } from '../support/planned-run.js';

// An attacker can write to Redis and to some location that the worker can read, and nothing else. The
// worker is the real program. See docs/security.md.

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');

let worker: RunningCommand;
let redis: FleetRedis;
let queue: ShardQueue;
/** What the scheduler wrote of a run that is finished, and what it put into the queue. */
let plan: Plan;
let message: ShardMessage;

beforeAll(async () => {
  await place.prepare({ rows: 100 });
  await place.writeParquet('beside/a.parquet', numbered(BESIDE_ROWS), 'ROW_GROUP_SIZE 2048');
  await place.write(
    'beside.json',
    JSON.stringify({
      ...usualJob,
      name: 'beside',
      input: { uri: 'beside' },
      plan: { partRows: 2048, shardParts: 1 },
    }),
  );
  await place.write('secret.txt', 'the secret of this machine');
  await place.write(
    'evil.mjs',
    `import { writeFileSync } from 'node:fs';
     writeFileSync(${JSON.stringify(place.path('pwned'))}, JSON.stringify(process.env));
     export default (batch) => batch;`,
  );
  redis = await FleetRedis.open({ url: fleet.redis.url });
  queue = redis.shardQueue('cpu');
  fleet.scheduler('--interval', '200ms');
  worker = fleet.worker('--log-format', 'json');
  await fleet.ready(1, 1);
  const run = await goodRun('out');
  const store = new FileStore(place.path('out'));
  plan = await loadPlan(store, run);
  const facts = await runLogAt(place.path('.shardmill', 'state')).facts(run);
  if (facts === undefined) throw new Error('the log has no such run');
  message = { ...facts, shard: 0, page: 0, rows: 100 };
});
afterAll(() => redis.close());

/** Rows of a job that takes as long as some attacks. */
const BESIDE_ROWS = 200_000;

/** Submits a job that is in order, and waits for its end. @returns its run */
async function goodRun(output: string, job = 'job.json', rows = 100): Promise<string> {
  const ended = await place.shardmill('submit', job, '--wait', '--json', '--output', output);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  expect(await place.results('count(*) AS n', output)).toEqual([{ n: rows }]);
  const [run = ''] = (await readdir(place.path(output, '_shardmill'))).filter((name) =>
    /^\d{8}T/.test(name),
  );
  return run;
}

/** The log of runs: to ask a command for it takes a second. */
const registry = (): RunRegistry =>
  new RunRegistry(new FileStore(place.path('.shardmill', 'state')));

const refusals = (): Promise<string> =>
  fleet.redis.command('LRANGE', '{shardmill}/refused/cpu', '0', '-1');

/** What a plan is made into by an attacker, and what must then not be there. */
const FORGERIES: Readonly<Record<string, (plan: Plan) => Plan>> = {
  "a module of the attacker's": (true_) => ({
    ...true_,
    scoring: {
      ...true_.scoring,
      transform: {
        module: place.path('evil.mjs'),
        export: 'function',
        sha256: 'f'.repeat(64),
        columns: [{ label: 'a', sql: 'a', type: 'DOUBLE' }],
      },
    },
  }),
  'several statements': (true_) => ({
    ...true_,
    scoring: {
      ...true_.scoring,
      input: {
        ...true_.scoring.input,
        where: `true); COPY (SELECT 1) TO '${place.path('evil-out', 'pwned')}'; SELECT (true`,
      },
    },
  }),
  'a secret file in a part': (true_) => ({
    ...true_,
    inputUris: [place.path('secret.txt')],
    scoring: {
      ...true_.scoring,
      output: {
        ...true_.scoring.output,
        columns: [
          {
            name: 'secret',
            type: 'VARCHAR',
            sql: `(SELECT content FROM read_text('${place.path('secret.txt')}'))`,
          },
        ],
      },
    },
  }),
  'another output': (true_) => ({
    ...true_,
    scoring: {
      ...true_.scoring,
      output: { ...true_.scoring.output, uri: place.path('elsewhere') },
    },
  }),
};

/** Stores a forged plan, with its pages, as the plan of a run. @returns its digest */
async function forge(output: string, run: string, forged: Plan): Promise<string> {
  const root = place.path(output);
  const digest = digestPlan(forged);
  const file = path.join(root, planKey(run));
  await mkdir(path.dirname(file), { recursive: true });
  const pages = path.join('_shardmill', plan.runId, 'plan');
  await cp(place.path('out', pages), path.join(path.dirname(file), 'plan'), { recursive: true });
  await writeFile(file, JSON.stringify({ ...forged, runId: run, digest }));
  return digest;
}

/** Everything below the workplace but what the attacker put there and what good runs made. */
async function expectNothingWritten(): Promise<void> {
  for (const name of ['pwned', 'elsewhere', path.join('evil-out', 'pwned')]) {
    expect(existsSync(place.path(name)), name).toBe(false);
  }
  const evil = await readdir(place.path('evil-out'), { recursive: true }).catch(() => []);
  expect(evil.filter((name) => /part-|shards|failed|tmp/.test(name))).toEqual([]);
}

async function expectRefused(forged: ShardMessage, reason: string): Promise<void> {
  await queue.add([forged], 100);
  const id = shardId(forged);
  await waitFor(`${id} to leave the queue`, async () => {
    return (await queue.states([id]))[0] === 'absent';
  });
  expect(await refusals()).toContain(reason);
  await expectNothingWritten();
  expect(worker.over).toBe(false);
  expect(worker.stderr).not.toContain('INTERNAL');
}

describe('a message that the log of runs does not confirm is refused', () => {
  /** Scored by the same worker meanwhile. */
  let beside: Promise<string>;
  beforeAll(() => {
    beside = goodRun('out-beside', 'beside.json', BESIDE_ROWS);
    // It is awaited by the last test.
    beside.catch(() => {});
  });

  test.each(Object.keys(FORGERIES))('with a plan of its own: %s', async (name) => {
    const digest = await forge('evil-out', plan.runId, FORGERIES[name]?.(plan) ?? plan);
    const forged = { ...message, output: place.path('evil-out'), planDigest: digest };
    await expectRefused(forged, 'output, planDigest');
  });

  test.each(Object.keys(FORGERIES))('of a run that was never submitted: %s', async (name) => {
    const run = '20260101T000000Z-0badc0de';
    const digest = await forge('evil-out', run, FORGERIES[name]?.(plan) ?? plan);
    const output = place.path('evil-out');
    const forged = { ...message, run, planRun: run, output, planDigest: digest };
    await expectRefused(forged, `no planned run ${run}`);
  });

  test.each([
    ['an id that leads out of the run', { planRun: '../../evil-out' }, 'id of a run'],
    ['a run that leads out of the log', { run: '../evil-out' }, 'id of a run'],
    ['a location that is none', { output: 's3://' }, 'otherwise of output'],
    ['a location of another kind', { output: 'gopher://x' }, 'otherwise of output'],
    ['the folder of a device', { output: '/dev/null' }, 'otherwise of output'],
    ['no patience', { attempts: 1 }, 'otherwise of attempts'],
    ['no time', { partTimeoutMs: 1 }, 'otherwise of partTimeoutMs'],
    ['a round that never was', { round: 7 }, 'otherwise of round'],
    ['lanes without number', { resources: { lanes: 100_000_000 } }, 'from 1 to 1024'],
    ['a digest that is none', { planDigest: 'x' }, 'SHA-256'],
  ])('with %s', async (_, change: Partial<ShardMessage>, reason) => {
    await expectRefused({ ...message, ...change }, reason);
  });

  test('is counted, and the worker goes on with what is in order', async () => {
    expect(worker.stderr).toContain('MESSAGE_REFUSED');
    await beside;
    await goodRun('out-after');
    await expectNothingWritten();
  });
});

describe('a plan that was replaced where it is stored', () => {
  test.each(Object.keys(FORGERIES))('is not followed: %s', async (name) => {
    const output = `replaced-${Object.keys(FORGERIES).indexOf(name)}`;
    // No worker serves this pool until the plan is another one.
    const pool = `pool${Object.keys(FORGERIES).indexOf(name)}`;
    await place.writeJob({ resources: { pool } });
    const run = await fleet.submit('--output', output);
    // The scheduler reads the plan before it dispatches: read later, it would refuse it itself.
    const id = shardId({ planRun: run, round: message.round, shard: 0 });
    const dispatched = redis.shardQueue(pool);
    await waitFor('its shard in the queue', async () => {
      return (await dispatched.states([id]))[0] !== 'absent';
    });
    const store = new FileStore(place.path(output));
    const true_ = await loadPlan(store, run);
    await loadPage(store, true_, 0);
    const forged = FORGERIES[name]?.(true_) ?? true_;
    await writeFile(path.join(place.path(output), planKey(run)), JSON.stringify(forged));
    const late = fleet.worker('--pool', pool, '--log-format', 'json');
    await waitFor('its end', async () => (await registry().find(run))?.phase === 'failed', late);
    await waitFor('its log', () => late.stderr.includes('PLAN_MISMATCH'), late);
    expect(late.stderr).not.toContain('INTERNAL');
    await expectNothingWritten();
    const written = await readdir(place.path(output));
    expect(written.filter((entry) => entry.startsWith('part-'))).toEqual([]);
    await late.end();
    await place.writeJob({});
  });
});

test('no secret of the machine is in anything that was written', async () => {
  const files = await readdir(place.path(), { recursive: true, withFileTypes: true });
  for (const file of files) {
    if (!file.isFile() || file.name === 'secret.txt') continue;
    const content = await readFile(path.join(file.parentPath, file.name));
    expect(content.includes('the secret of this machine'), file.name).toBe(false);
  }
});
