import { expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { useFleet } from '../support/fleet.js';
import { useLake } from '../support/lake.js';
import { waitFor } from '../support/wait.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnceIn } from './expect-rows.js';
import { untilLogged } from './process-log.js';

const place = useWorkplace();
const lake = useLake(place);
const fleet = useFleet(place);

test('two schedulers that plan the same runs at the same time store one plan of each', async () => {
  await place.prepare({ rows: 1000, job: { plan: { partRows: 100, shardParts: 2 } } });
  const outputs = ['out-0', 'out-1', 'out-2', 'out-3'];
  // Without Redis they do not know of each other, and both do everything.
  await fleet.redis.stop();
  const schedulers = [1, 2].map(() => fleet.scheduler('--interval', '500ms'));
  for (const scheduler of schedulers) await untilLogged(scheduler, 'the scheduler begins');
  // The plan of the first run is stored only when both are about to.
  const isPlan = ({ method, path }: { method: string; path: string }): boolean =>
    method === 'PUT' && /\/out-0\/_shardmill\/[^/]+\/plan\.json$/.test(path);
  const held = schedulers.map(() => lake.proxy.holdNext(isPlan));
  const runs = await Promise.all(
    outputs.map((output) => fleet.submit('--output', lake.uri(output))),
  );
  await waitFor('both to store a plan', () => held.every(({ arrived }) => arrived));
  for (const plan of held) plan.release();
  await fleet.redis.start();
  for (const _ of schedulers) fleet.worker();

  for (const [index, run] of runs.entries()) {
    const output = outputs[index] ?? '';
    const finished = runOf(await place.shardmill('watch', run, '--json'));
    expect(finished.rows).toEqual({ read: 1000, scored: 1000, rejected: 0, filtered: 0 });
    const keys = [...(await lake.objects(output)).keys()];
    expect(keys.filter((key) => key.endsWith('/plan.json'))).toEqual([
      `_shardmill/${run}/plan.json`,
    ]);
    expect(keys.filter((key) => key.endsWith('manifest.json'))).toHaveLength(1);
    await expectEveryRowOnceIn(lake, output, 1000);
  }
  const answers = lake
    .requests()
    .filter(isPlan)
    .map(({ status }) => status);
  expect(answers).toHaveLength(2);
  // One wins; the other is refused, or has gone away if it was held longer than it waits for an answer.
  expect(answers.filter((status) => status === 200)).toHaveLength(1);
  expect([412, undefined]).toContain(answers.find((status) => status !== 200));
});
