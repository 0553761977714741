import { rename } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { failureOf, useFleet } from '../support/fleet.js';
import { Gate } from '../support/gate.js';
import { useLake } from '../support/lake.js';
import { finishedMarks, partFacts } from '../support/output-folder.js';
import { waitFor } from '../support/wait.js';
import { numbered, useWorkplace } from '../support/workplace.js';
import { finishedMarksIn, inLake, partsIn } from './lake-job.js';

const place = useWorkplace();
const lake = useLake(place);
const fleet = useFleet(place);

/** Other values in the same rows. */
async function writeOtherData(): Promise<void> {
  const other = `SELECT id, a + 1000 AS a, b, c FROM (${numbered(1200)})`;
  await place.writeParquet('other.parquet', other, 'ROW_GROUP_SIZE 2048');
}

async function expectOnlyOldData(out: string): Promise<void> {
  const [rows] = await place.sql(`SELECT count(*) AS n, count(*) FILTER (part.a <> old.a) AS wrong
    FROM read_parquet('${place.path(out)}/*.parquet') part JOIN (${numbered(1200)}) old USING (id)`);
  expect(rows?.['n']).toBeGreaterThanOrEqual(400);
  expect(rows?.['wrong']).toBe(0);
}

test('an object that is overwritten under way fails the run, and old and new data never mix', async () => {
  await place.prepare({ rows: 1200 });
  const gate = await Gate.before(400, place, await inLake(lake));
  await fleet.start(1);
  const run = await fleet.submit();
  await waitFor('four parts', async () => (await partsIn(lake)).size === 4);
  await writeOtherData();
  await lake.upload('other.parquet', 'data/a.parquet');
  await gate.open();
  const refusal = failureOf(await place.shardmill('watch', run, '--json'), 1);
  expect(refusal).toMatchObject({
    code: 'INPUT_CHANGED',
    where: expect.stringContaining(lake.uri('data/a.parquet')),
  });
  expect(await finishedMarksIn(lake)).toEqual([]);
  await lake.download('out', 'fetched');
  await expectOnlyOldData('fetched');
});

test('so does a file that is replaced under way', async () => {
  await place.prepare({ rows: 1200 });
  const gate = await Gate.before(400, place, {
    output: { uri: 'out', columns: { id: 'id', a: 'a' } },
  });
  await fleet.start(1);
  const run = await fleet.submit();
  await waitFor('four parts', async () => (await partFacts(place.path('out'))).size === 4);
  await writeOtherData();
  await rename(place.path('other.parquet'), place.path('data/a.parquet'));
  await gate.open();
  const refusal = failureOf(await place.shardmill('watch', run, '--json'), 1);
  expect(refusal).toMatchObject({
    code: 'INPUT_CHANGED',
    where: expect.stringContaining(place.path('data/a.parquet')),
  });
  expect(await finishedMarks(place.path('out'))).toEqual([]);
  await expectOnlyOldData('out');
});
