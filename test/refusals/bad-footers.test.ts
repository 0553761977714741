import { open, truncate, writeFile } from 'node:fs/promises';
import { parquetBytes } from '@shardmill/test-kit/parquet-file';
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../support/command.js';
import { cutInHalf, damagePage } from '../support/damage.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/** A file of holes whose last bytes claim a footer of so many. */
async function claimFooter(file: string, fileBytes: number, footerBytes: number): Promise<void> {
  await writeFile(file, 'PAR1');
  await truncate(file, fileBytes);
  const end = Buffer.from('....PAR1');
  end.writeUInt32LE(footerBytes, 0);
  const handle = await open(file, 'r+');
  try {
    await handle.write(end, 0, end.length, fileBytes - end.length);
  } finally {
    await handle.close();
  }
}

describe('a footer is refused before it is read', () => {
  test.each([
    ['2^31 bytes, more than Node can read at once', 2 ** 31],
    ['1.9 GB', 1.9e9],
    ['one byte more than 64 MiB', 64 * 2 ** 20 + 1],
  ])('that claims %s', async (_, claimed) => {
    await place.prepare();
    const file = await place.write('data/b.parquet', '');
    await claimFooter(file, claimed + 1_000_000, claimed);
    await expectRefusal(place, {
      code: 'INPUT_FOOTER_TOO_LARGE',
      message: new RegExp(`has ${claimed} bytes; at most 67108864`),
      where: file,
      remedy: /input\.maxFooter/,
    });
    expect(refusalOf(await place.shardmill('inspect', file, '--json'))).toMatchObject({
      code: 'INPUT_FOOTER_TOO_LARGE',
    });
  });

  test('that is larger than the job allows, and read where it allows it', async () => {
    await place.prepare({ rows: 20_000, job: { input: { uri: 'data', maxFooter: '1KiB' } } });
    const message = /at most 1,?024 are read/;
    await expectRefusal(place, { code: 'INPUT_FOOTER_TOO_LARGE', message });
    await place.writeJob({ input: { uri: 'data', maxFooter: '100MiB' } });
    expect((await place.shardmill('run', 'job.json')).code).toBe(0);
    await place.writeJob({ input: { uri: 'data', maxFooter: '2GiB' } });
    expect(refusalOf(await place.shardmill('validate', 'job.json', '--json')).code).toBe(
      'JOB_INVALID',
    );
  });
});

describe('files that cannot be scored', () => {
  test('are counted and named together, the first one among them', async () => {
    await place.prepare();
    for (let i = 0; i < 12; i++) {
      const file = await place.writeParquet(
        `data/${String(i).padStart(2, '0')}.parquet`,
        numbered(50),
      );
      if (i !== 5) await cutInHalf(file);
    }
    // 00 to 11 but 05 are cut, and `a.parquet` is the good one of `prepare`.
    await expectRefusal(place, {
      code: 'INPUT_NOT_PARQUET',
      where: place.path('data/00.parquet'),
      message:
        /truncated.*11 of 13 files cannot be scored.*01\.parquet \(INPUT_NOT_PARQUET.*10\.parquet.*and 1 more/s,
    });
  });

  test('are named with what is wrong with each', async () => {
    await place.prepare();
    await cutInHalf(await place.writeParquet('data/b.parquet', numbered(50)));
    const bytes = parquetBytes({
      columns: ['id', 'a', 'b', 'c'].map((name) => ({ name, type: 'double' })),
      chunks: ['id', 'a', 'b', 'c'].map(() => ({ values: [1], claims: { codec: 'lzo' } })),
    });
    await place.write('data/c.parquet', bytes);
    await expectRefusal(place, {
      code: 'INPUT_NOT_PARQUET',
      where: place.path('data/b.parquet'),
      message: /2 of 3 files.*c\.parquet \(INPUT_UNSUPPORTED: column "id".*LZO/s,
    });
  });
});

describe('inspect', () => {
  test('shows what a good footer says where the first rows cannot be read', async () => {
    const file = await place.writeParquet('data/a.parquet', numbered(100), 'COMPRESSION zstd');
    await damagePage(place, file, 0, 'a');
    const ended = await place.shardmill('inspect', file, '--json');
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      parquet: { rows: 100, sample: [], sampleFailure: expect.stringMatching(/./) },
    });
    expect((await place.shardmill('inspect', file)).stdout).toMatch(/first rows cannot be read/);
  });

  test('says of a schema that cannot be read that it is not supported, not that it is no Parquet', async () => {
    const bytes = parquetBytes({
      columns: [{ name: 'x', type: 'byteArray', converted: 'bson' }],
      chunks: [{ values: ['a'] }],
    });
    const file = await place.write('data/a.parquet', bytes);
    expect(refusalOf(await place.shardmill('inspect', file, '--json'))).toMatchObject({
      code: 'INPUT_UNSUPPORTED',
      where: file,
    });
  });
});

describe('expressions that only a scan would find wrong', () => {
  test.each([
    ['a column of tables that files have not', 'rowid::DOUBLE', 'COLUMN_NOT_FOUND', /"rowid"/],
    ['several rows of one', 'unnest([a])', 'EXPRESSION_FORBIDDEN', /several rows of one/],
  ])('are refused while planning: %s', async (_, sql, code, message) => {
    await place.prepare({ job: { features: { features: ['a', 'b', sql] } } });
    await expectRefusal(place, { code, message });
  });

  test('are planned with as many values as a definition has room for', async () => {
    const list = Array.from({ length: 100_000 }, (_, i) => i).join(',');
    await place.prepare({ job: { input: { uri: 'data', where: `id IN (${list})` } } });
    const planned = await place.shardmill('plan', 'job.json', '--json');
    expect(planned).toMatchObject({ code: 0 });
  });
});
