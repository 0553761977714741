import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Stores } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { withFolder } from '../../testing/parquet.js';
import { parseGlob } from './glob.js';
import { listInput } from './list-input.js';
import { refuseOutputInsideInput } from './output-inside-input.js';

async function tree(base: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = path.join(base, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, name);
  }
}

async function list(base: string, uri: string | string[], hivePartitioning = true) {
  const listing = await listInput({ stores: new Stores(), uri, base, hivePartitioning });
  return { ...listing, names: listing.files.map((file) => path.relative(base, file.uri)) };
}

const FILES = [
  'd/b.parquet',
  'd/a.parquet',
  'd/sub/c.parq',
  'd/sub/note.txt',
  'd/_tmp/x.parquet',
  'd/.hidden.parquet',
  'd/_SUCCESS',
];

describe('listing a folder', () => {
  it('finds Parquet at any depth, in byte order, and no hidden names', () =>
    withFolder(async (base) => {
      await tree(base, FILES);
      expect((await list(base, 'd')).names).toEqual(['d/a.parquet', 'd/b.parquet', 'd/sub/c.parq']);
      expect((await list('/', `file://${base}/d`)).files).toHaveLength(3);
    }));

  it('says what an input without Parquet holds', () =>
    withFolder(async (base) => {
      await tree(base, ['d/a.csv', 'd/b.csv', 'd/c.txt', 'd/_SUCCESS']);
      await expect(list(base, 'd')).rejects.toMatchObject({
        code: 'INPUT_EMPTY',
        message:
          'none of 3 files in this folder and below is Parquet: a.csv, b.csv, c.txt (1 names that begin with _ or . are not read)',
        remedy: expect.stringContaining("FROM read_csv('a.csv')"),
      });
    }));

  it('follows links, but not in circles', () =>
    withFolder(async (base) => {
      await tree(base, ['d/a.parquet', 'other/b.parquet']);
      await symlink(path.join(base, 'd'), path.join(base, 'd/loop'));
      await symlink(path.join(base, 'other'), path.join(base, 'd/more'));
      expect((await list(base, 'd')).names).toEqual(['d/a.parquet', 'd/more/b.parquet']);
    }));

  it('names the nearest names for a path that does not exist', () =>
    withFolder(async (base) => {
      await tree(base, ['customers/a.parquet']);
      await expect(list(base, 'custmers/2026')).rejects.toMatchObject({
        code: 'INPUT_NOT_FOUND',
        message: expect.stringContaining('Did you mean "customers"?'),
      });
    }));
});

describe('listing a glob', () => {
  it.each([
    ['d/*.parquet', ['d/a.parquet', 'd/b.parquet']],
    ['d/?.parquet', ['d/a.parquet', 'd/b.parquet']],
    ['d/[!a].parquet', ['d/b.parquet']],
    ['d/[b-z].parquet', ['d/b.parquet']],
    ['d/**/*.parq*', ['d/a.parquet', 'd/b.parquet', 'd/sub/c.parq']],
    ['d/{a.parquet,sub/*.parq}', ['d/a.parquet', 'd/sub/c.parq']],
    ['d/**', ['d/a.parquet', 'd/b.parquet', 'd/sub/c.parq']],
    ['*/sub', ['d/sub/c.parq']],
    ['d/_t*/*', ['d/_tmp/x.parquet']],
  ])('%s', (pattern, expected) =>
    withFolder(async (base) => {
      await tree(base, FILES);
      expect((await list(base, pattern)).names).toEqual(expected);
    }),
  );

  it('takes a file that exists by its own name, whatever characters it has', () =>
    withFolder(async (base) => {
      await tree(base, ['d/a[1].parquet', 'd/a1.parquet']);
      expect((await list(base, 'd/a[1].parquet')).names).toEqual(['d/a[1].parquet']);
    }));

  it('lists a file once that two URIs name', () =>
    withFolder(async (base) => {
      await tree(base, FILES);
      expect((await list(base, ['d/b.parquet', 'd/*.parquet'])).names).toEqual([
        'd/b.parquet',
        'd/a.parquet',
      ]);
    }));

  it('refuses a glob without a match, and one of folders without Parquet', () =>
    withFolder(async (base) => {
      await tree(base, FILES);
      await expect(list(base, 'd/*.orc')).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
      await tree(base, ['e/x/a.csv']);
      await expect(list(base, 'e/*')).rejects.toMatchObject({ code: 'INPUT_EMPTY' });
    }));
});

describe('Hive partitions', () => {
  it('are typed over all files, decoded, and null for the default partition', () =>
    withFolder(async (base) => {
      const null_ = '__HIVE_DEFAULT_PARTITION__';
      await tree(base, [
        'd/day=2026-01-31/n=1/city=a%20b/x.parquet',
        `d/day=2026-02-01/n=-2/city=${null_}/x.parquet`,
      ]);
      const { files, partitionColumns } = await list(base, 'd');
      expect(partitionColumns).toEqual([
        { name: 'day', type: 'DATE' },
        { name: 'n', type: 'BIGINT' },
        { name: 'city', type: 'VARCHAR' },
      ]);
      expect(files.map((file) => file.partition)).toEqual([
        ['2026-01-31', '1', 'a b'],
        ['2026-02-01', '-2', null],
      ]);
      expect((await list(base, 'd', false)).partitionColumns).toEqual([]);
    }));

  it('come from the URI as written too, but not from folders above the job', () =>
    withFolder(async (base) => {
      await tree(base, ['job=1/d/day=7/x.parquet']);
      const { partitionColumns } = await list(path.join(base, 'job=1'), 'd/day=7');
      expect(partitionColumns).toEqual([{ name: 'day', type: 'BIGINT' }]);
    }));

  it('must have the same names in all files', () =>
    withFolder(async (base) => {
      await tree(base, ['d/day=7/x.parquet', 'd/month=1/x.parquet']);
      await expect(list(base, 'd')).rejects.toMatchObject({ code: 'INPUT_SCHEMA_MISMATCH' });
    }));
});

describe('an output location inside the input', () => {
  it.each([
    ['d', 'd', true],
    ['d', 'd/out', true],
    ['d', 'd/_out', false],
    ['d', 'out', false],
    ['d', 'd2', false],
    ['d/**/*.parquet', 'd/out', true],
    ['d/*.parquet', 'd', true],
    ['d/*.parquet', 'd/out', false],
    ['d/a*.parquet', 'd', false],
    ['d/s*', 'd/scores', true],
    ['d/a.parquet', 'd', false],
    ['d/*.parquet', 'd', false, ['p']],
    ['d/*/*.parquet', 'd', true, ['p']],
    ['d/*/*.parquet', 'd', false, ['p', 'q']],
  ])('input %s, output %s: refused %s %j', (uri, output, refused, partitionBy: string[] = []) =>
    withFolder(async (base) => {
      await tree(base, [...FILES, 'd/x/y.parquet', 'd/x/y/z.parquet']);
      const listed = await list(base, uri);
      const check = refuseOutputInsideInput(listed, path.join(base, output), partitionBy);
      if (refused) await expect(check).rejects.toMatchObject({ code: 'OUTPUT_INSIDE_INPUT' });
      else await check;
    }),
  );
});

it('a part of an output is not the input of a run to it, in a folder of partitions either', () =>
  withFolder(async (base) => {
    const name = 'part-20260101T000000Z-00000000-000000-000000.parquet';
    for (const [folder, output] of [
      ['out', 'out'],
      ['ds=1', 'ds=1'],
      ['ds=1/p=2/q=3', 'ds=1'],
    ] as const) {
      await tree(base, [`${folder}/${name}`]);
      const check = refuseOutputInsideInput(
        await list(base, `${folder}/${name}`),
        path.join(base, output),
      );
      await expect(check).rejects.toMatchObject({ code: 'OUTPUT_INSIDE_INPUT' });
    }
  }));

it('the fixed part of a pattern is its base', () => {
  expect(parseGlob('/a/b*/c').base).toBe('/a');
  expect(parseGlob('/a/b/{c,d}/e').base).toBe('/a/b');
});
