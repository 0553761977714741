import { afterEach, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
let left: number[] = [];
afterEach(() => {
  for (const pid of left.filter(isAlive)) process.kill(pid, 'SIGKILL');
  left = [];
});

/** All processes below one, the engines among them. */
async function descendantsOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  const below = await Promise.all(children.map(descendantsOf));
  return [...children, ...below.flat()];
}

async function startDev() {
  await place.prepare({ rows: 1000 });
  const dev = place.start('dev', '--workers', '2');
  await waitFor('two workers', () => dev.stderr.match(/taking shards/g)?.length === 2, dev);
  left = await descendantsOf(dev.pid);
  return dev;
}

test('dev starts a fleet that other commands of the folder find, and ends all of it', async () => {
  const dev = await startDev();
  expect(dev.stdout).toContain('shardmill submit');
  expect(dev.stderr).toMatch(/^scheduler │ /m);
  expect(dev.stderr).toMatch(/^worker 2 {2}│ /m);
  const workers = await place.shardmill('workers');
  expect(workers.stdout).toMatch(/^scheduler +runs +up/);
  expect(workers.stdout.match(/ cpu +free /g)).toHaveLength(2);
  const ended = runOf(await place.shardmill('submit', 'job.json', '--wait', '--json'));
  expect(ended.rows.scored).toBe(1000);
  const again = await place.shardmill('dev');
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('runs here already');
  left = await descendantsOf(dev.pid);
  expect(left.length).toBeGreaterThanOrEqual(4);
  dev.kill('SIGINT');
  expect((await dev.ended).code).toBe(0);
  await waitFor('the end of all its processes', () => !left.some(isAlive));
  const config = await place.shardmill('config');
  expect(config.stdout).toMatch(/redis\.url +default +redis:\/\/127\.0\.0\.1:6379/);
});

test('dev that is killed takes its processes along', async () => {
  const dev = await startDev();
  dev.kill('SIGKILL');
  await dev.ended;
  await waitFor('the end of all its processes', () => !left.some(isAlive));
});

test('dev without redis-server says how to install it', async () => {
  await place.prepare();
  const { code, stderr } = await place.startIn('PATH=/nowhere exec "$@"', 'dev').ended;
  expect(code).toBe(1);
  expect(stderr).toContain('neither redis-server nor valkey-server is here');
  expect(stderr).toContain('apt-get install redis-server');
});
