import { describe, expect, it } from 'vitest';
import { score } from '../support/score.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

const columns = {
  id: 'id',
  score: 'score',
  file: '_file',
  row: 'input._row',
  both: "_file || ':' || _row",
};

describe('_file and _row in the output', () => {
  // Parts that several lanes can share are written in a single pass; one row fewer than two lanes
  // need, with texts, in two.
  it.each([
    ['a single pass', {}],
    ['two passes', { batchRows: 50 }],
  ])('say where each row comes from, by %s', async (_way, options) => {
    await place.prepare();
    await place.writeParquet('data/a.parquet', numbered(5000), 'ROW_GROUP_SIZE 2048');
    await place.writeParquet('data/b.parquet', numbered(3000, 5000), 'ROW_GROUP_SIZE 2048');
    await score(
      place,
      {
        input: { uri: 'data', where: 'id % 2 = 1' },
        output: { uri: 'out', columns },
        plan: { partRows: 2048 },
      },
      options,
    );
    const rows = await place.results();
    expect(rows).toHaveLength(4000);
    for (const { id, file, row, both } of rows) {
      const second = Number(id) >= 5000;
      const expected = place.path(second ? 'data/b.parquet' : 'data/a.parquet');
      const number = Number(id) - (second ? 5000 : 0);
      expect({ file, row, both }).toEqual({
        file: expected,
        row: number,
        both: `${expected}:${number}`,
      });
    }
  });

  it('are columns of the input where it has such', async () => {
    await place.prepare();
    await place.writeParquet('data/a.parquet', `SELECT *, 'mine' AS _file FROM (${numbered(10)})`);
    await score(place, {
      output: { uri: 'out', columns: { id: 'id', score: 'score', file: '_file' } },
    });
    expect(await place.results('DISTINCT file')).toEqual([{ file: 'mine' }]);
  });

  it('are there in the output alone', async () => {
    await place.prepare();
    await expect(score(place, { input: { uri: 'data', where: '_row < 5' } })).rejects.toMatchObject(
      {
        code: 'COLUMN_NOT_FOUND',
      },
    );
  });
});
