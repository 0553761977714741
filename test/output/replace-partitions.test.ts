import { expect, test } from 'vitest';
import { tableFiles, tableRows } from '../support/table-rows.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

test('a backfill scores days of a table again, each in its own partition', async () => {
  await place.prepare({ rows: 40 });
  const writeJob = (mode: 'replace-partitions' | 'append') =>
    place.writeJob({
      input: { uri: 'data', where: 'id % 2 = {{ ds | dd }} - 1' },
      output: {
        uri: 'out',
        table: 'delta',
        mode,
        partitionBy: ['day'],
        columns: { day: "DATE '{{ ds }}'", id: 'id', score: 'score' },
      },
    });
  await writeJob('replace-partitions');
  const backfill = async (from: string, to: string, ...more: string[]) => {
    const range = ['--from', from, '--to', to, '--every', 'day', '--local', '--yes', '--json'];
    const ended = await place.shardmill('backfill', 'job.json', ...range, ...more);
    expect([ended.code, ended.stdout === '' ? ended.stderr : '']).toEqual([0, '']);
    return JSON.parse(ended.stdout);
  };
  const counted = () =>
    tableRows(
      place,
      'out',
      'day, count(*) AS n, count(DISTINCT id) AS ids, sum(score) AS sum',
      'GROUP BY day ORDER BY day',
    );
  expect(await backfill('2026-11-01', '2026-11-02')).toMatchObject({ counts: { finished: 2 } });
  const [before, rows] = [await tableFiles(place, 'out'), await counted()];
  expect(rows).toMatchObject([
    { day: '2026-11-01', n: 20, ids: 20 },
    { day: '2026-11-02', n: 20, ids: 20 },
  ]);
  const again = await backfill('2026-11-01', '2026-11-01', '--reprocess', 'all');
  expect(again).toMatchObject({ counts: { finished: 1 } });
  expect(await counted()).toEqual(rows);
  const after = await tableFiles(place, 'out');
  const kept = [...before.keys()].filter((file) => after.has(file));
  expect(kept).toEqual([expect.stringMatching(/^day=2026-11-02\//)]);
  expect(after.size).toBe(2);
  // In mode append a date cannot be replaced without the others, and none of them is removed.
  await writeJob('append');
  const left = await backfill('2026-11-01', '2026-11-01', '--reprocess', 'all');
  expect(left).toMatchObject({
    backfill: null,
    dates: [{ taken: false, why: expect.stringContaining('among other dates, which mode append') }],
  });
  expect(await counted()).toEqual(rows);
});
