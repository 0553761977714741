import { expect, test } from 'vitest';
import { z } from 'zod';
import { runOf } from '../support/command.js';
import { documentOf, useFleet } from '../support/fleet.js';
import { runIds } from '../support/output-folder.js';
import { useWorkplace } from '../support/workplace.js';
import { expectEveryRowOnce } from './expect-rows.js';

const place = useWorkplace();
const fleet = useFleet(place);
const submitted = z.object({ run: z.string(), attached: z.boolean() });

test('a key that ten processes submit at the same time is one run', async () => {
  await place.prepare({ rows: 1000, job: { plan: { partRows: 100, shardParts: 2 } } });
  const submit = ['submit', 'job.json', '--run-key', 'daily', '--json'];
  const ended = await Promise.all(Array.from({ length: 10 }, () => place.shardmill(...submit)));
  const answers = ended.map((one) => submitted.parse(documentOf(one)));
  const [run = ''] = new Set(answers.map((answer) => answer.run));
  expect(answers.filter((answer) => answer.run !== run)).toEqual([]);
  expect(answers.filter(({ attached }) => !attached)).toHaveLength(1);

  await fleet.start(2);
  expect(runOf(await place.shardmill('watch', run, '--json')).rows.scored).toBe(1000);
  expect(documentOf(await place.shardmill('runs', '--all', '--json'))).toHaveLength(1);
  expect(await runIds(place.path('out'))).toEqual([run]);
  await expectEveryRowOnce(place, 1000);
});
