import { type FleetClient, type JobDefinition, openFleet } from 'shardmill';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunningCommand } from '../support/command.js';
import { Gate } from '../support/gate.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';

vi.setConfig({ testTimeout: 120_000 });

const place = useWorkplace();
let client: FleetClient;
beforeEach(async () => {
  // No Redis is there.
  const config = { redis: { url: 'redis://127.0.0.1:1' }, cache: { folder: 'cache' } };
  await place.write('shardmill.config.json', JSON.stringify(config));
  client = await openFleet({}, { base: place.path() });
});
afterEach(() => client.close());

const start = (): RunningCommand => place.start('schedule', 'run', '--interval', '500ms');
const history = async () => (await client.schedules.history('test')).toReversed();

const job = (schedule: JobDefinition['schedule']): Partial<JobDefinition> => ({
  output: { uri: 'out/{{ ts | HHmmss }}', columns: { id: 'id', score: 'score' } },
  schedule,
});

test('one process runs what is due on one machine, without Redis', async () => {
  await place.prepare({ rows: 20, job: job({ cron: '*/3 * * * * *', overlap: 'queue' }) });
  const running = start();
  await client.schedules.set('job.json');
  const finished = async (): Promise<number> =>
    (await history()).filter(({ phase }) => phase === 'finished').length;
  await waitFor('two runs', async () => (await finished()) >= 2, running);
  running.kill('SIGTERM');
  const ended = await running.ended;
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain('the run has finished');
  const [first] = await history();
  const output = `out/${new Date(first?.tick ?? 0).toISOString().slice(11, 19).replaceAll(':', '')}`;
  expect((await place.manifest(first?.run ?? '', output)).rows.scored).toBe(20);
});

test('a run that a killed process left is continued by the next one, and by no other meanwhile', async () => {
  await place.prepare({ rows: 800 });
  const gate = await Gate.before(400, place, job({ cron: '0 0 1 1 *' }));
  await client.schedules.set('job.json');
  const running = start();
  const { id } = await client.schedules.trigger('test');
  const found = async () => (await history()).find((tick) => tick.id === id);
  await waitFor('the gate', () => gate.reached, running);
  // Another one leaves it alone while the first is there.
  const beside = start();
  await waitFor('it begins', () => beside.stderr.includes('begin'), beside);
  expect((await found())?.phase).toBe('running');
  const by = (await found())?.run;
  running.kill('SIGKILL');
  await running.ended;
  await gate.open();
  await waitFor('the end', async () => (await found())?.phase === 'finished', beside);
  expect((await found())?.run).not.toBe(by);
  beside.kill('SIGTERM');
  expect((await beside.ended).code).toBe(0);
});
