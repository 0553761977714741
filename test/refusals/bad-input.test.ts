import { mkdir } from 'node:fs/promises';
import { describe, test } from 'vitest';
import { cutInHalf, damageFooter } from '../support/damage.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

describe('an input is refused', () => {
  test('that does not exist', async () => {
    await place.prepare({ job: { input: { uri: 'data/b.parquet' } } });
    await expectRefusal(place, {
      code: 'INPUT_NOT_FOUND',
      where: place.path('data/b.parquet'),
      remedy: /path/,
    });
  });

  test('whose glob matches nothing', async () => {
    await place.prepare({ job: { input: { uri: 'data/2026-*.parquet' } } });
    await expectRefusal(place, { code: 'INPUT_NOT_FOUND', where: '2026-*.parquet' });
  });

  test('that is a folder without Parquet', async () => {
    await place.prepare({ job: { input: { uri: 'empty' } } });
    await mkdir(place.path('empty'));
    await place.write('empty/notes.txt', 'nothing here');
    await expectRefusal(place, {
      code: 'INPUT_EMPTY',
      where: place.path('empty'),
      remedy: /\.parquet/,
    });
  });

  test('of which one file has no bytes', async () => {
    await place.prepare();
    await place.write('data/b.parquet', '');
    await expectRefusal(place, {
      code: 'INPUT_NOT_PARQUET',
      message: /has 0 bytes/,
      where: place.path('data/b.parquet'),
      remedy: /Write the file again/,
    });
  });

  test('of which one file is truncated', async () => {
    await place.prepare();
    await cutInHalf(await place.writeParquet('data/b.parquet', numbered(1000)));
    await expectRefusal(place, {
      code: 'INPUT_NOT_PARQUET',
      message: /truncated/,
      where: place.path('data/b.parquet'),
    });
  });

  test('of which one file has a damaged footer', async () => {
    await place.prepare();
    await damageFooter(await place.writeParquet('data/b.parquet', numbered(1000)));
    await expectRefusal(place, {
      code: 'INPUT_NOT_PARQUET',
      message: /footer/,
      where: place.path('data/b.parquet'),
    });
  });

  test('that is text named .parquet', async () => {
    await place.prepare();
    await place.write('data/b.parquet', 'id,a,b,c\n1,2,3,4\n');
    await expectRefusal(place, {
      code: 'INPUT_NOT_PARQUET',
      where: place.path('data/b.parquet'),
    });
  });

  test('of files that have not the same columns', async () => {
    await place.prepare();
    await place.writeParquet(
      'data/b.parquet',
      'SELECT 1::BIGINT AS id, 2::DOUBLE AS a, 3::DOUBLE AS b',
    );
    await expectRefusal(place, {
      code: 'INPUT_SCHEMA_MISMATCH',
      message: /"?c"?/,
      where: place.path('data/b.parquet'),
      remedy: /missingColumns/,
    });
  });
});

describe('a job is refused', () => {
  test('with a column that is not there, naming the nearest one', async () => {
    await place.prepare({ job: { output: { uri: 'out', columns: { id: 'idd' } } } });
    await expectRefusal(place, {
      code: 'COLUMN_NOT_FOUND',
      message: /"idd".*"id"/,
      where: 'output.columns.id',
    });
  });

  test('with a where over a column that is not there', async () => {
    await place.prepare({ job: { input: { uri: 'data', where: 'aa > 1' } } });
    await expectRefusal(place, {
      code: 'COLUMN_NOT_FOUND',
      message: /"aa".*"a"/,
      where: 'input.where',
    });
  });

  test('that writes into its own input', async () => {
    await place.prepare({ job: { output: { uri: 'data/out', columns: { id: 'id' } } } });
    await expectRefusal(place, { code: 'OUTPUT_INSIDE_INPUT', where: 'output.uri' });
  });
});
