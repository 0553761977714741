import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { withFolder, writeParquet } from '@shardmill/test-kit/parquet';
import { fileEtag } from '../store/file-identity.js';
import { inputReader, type ReadInput } from '../store/read-input.js';
import { Stores } from '../store/stores.js';
import { footerParser } from './parse-footer.js';
import { readFooter, TAIL_BYTES } from './read-footer.js';

const COLUMNS = `i::BIGINT AS id, (i * 0.5)::DOUBLE AS b, 'name' || i AS s,
  (i * 0.01)::DECIMAL(18, 2) AS e, {'x': i, 'y': [i]} AS nested, if(i % 3 = 0, NULL, i) AS n`;

const plain = inputReader(new Stores());

function counting(): { read: ReadInput; bytes: number; reads: number } {
  const counter = {
    bytes: 0,
    reads: 0,
    read: async (...[file, start, end]: Parameters<ReadInput>) => {
      counter.bytes += end - start;
      counter.reads++;
      return plain(file, start, end);
    },
  };
  return counter;
}

async function listed(uri: string) {
  const info = await stat(uri, { bigint: true });
  return { uri, bytes: Number(info.size), etag: fileEtag(info) };
}

const all = footerParser({ used: ['id', 'nested'], predicate: ['ID', 'n'] });

describe('reading a footer', () => {
  it('takes rows, sizes and statistics as another reader does', () =>
    withFolder(async (base) => {
      const file = path.join(base, 'a.parquet');
      await writeParquet(file, `SELECT ${COLUMNS} FROM range(10000) r(i)`, 'ROW_GROUP_SIZE 2048');
      const footer = await readFooter(plain, await listed(file), all);
      const expected = parquetMetadata(new Uint8Array(await readFile(file)));
      expect(footer.rows).toBe(10_000);
      expect(footer.rowGroups.map((group) => group.rows)).toEqual(
        expected.row_groups.map((group) => Number(group.num_rows)),
      );
      expect(footer.rowGroups.map((group) => group.bytes)).toEqual(
        expected.row_groups.map((group) =>
          group.columns
            .filter(({ meta_data: m }) => ['id', 'nested'].includes(m?.path_in_schema[0] ?? ''))
            .reduce((sum, { meta_data: m }) => sum + Number(m?.total_compressed_size), 0),
        ),
      );
      const leaf = footer.schema.leaves.findIndex(({ column }) => column === 'n');
      expect(footer.rowGroups.map((group) => group.statistics.get(leaf)?.nulls)).toEqual(
        expected.row_groups.map((group) =>
          Number(group.columns[leaf]?.meta_data?.statistics?.null_count),
        ),
      );
    }));

  it('knows where the chunks of a column lie, nested ones and those with dictionaries too', () =>
    withFolder(async (base) => {
      const file = path.join(base, 'a.parquet');
      await writeParquet(
        file,
        `SELECT ${COLUMNS}, 'd' || i % 9 AS dictionary FROM range(10000) r(i)`,
        'ROW_GROUP_SIZE 2048',
      );
      const expected = parquetMetadata(new Uint8Array(await readFile(file)).buffer);
      const wanted = ['nested', 'dictionary', 'b'];
      const selections: [string[] | 'all', (name: string) => boolean][] = [
        [wanted.map((name) => name.toUpperCase()), (name) => wanted.includes(name)],
        ['all', () => true],
        [[], () => false],
      ];
      for (const [chunks, isWanted] of selections) {
        const parse = footerParser({ used: [], predicate: [], chunks });
        const footer = await readFooter(plain, await listed(file), parse);
        expect(footer.createdBy).toBe(expected.created_by);
        expect(footer.rowGroups.map((group) => group.chunks)).toEqual(
          expected.row_groups.map((group) =>
            group.columns.flatMap(({ meta_data: meta }) => {
              if (meta === undefined || !isWanted(meta.path_in_schema[0] ?? '')) return [];
              const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
              return [{ start, end: start + Number(meta.total_compressed_size) }];
            }),
          ),
        );
      }
      const all = footerParser({ used: [], predicate: [], chunks: 'all' });
      const { rowGroups } = await readFooter(plain, await listed(file), all);
      const edges = rowGroups.flatMap(({ chunks }) => chunks.map(({ end }) => end));
      // The first chunk follows the magic, and each begins where the one before it ends.
      expect(rowGroups.flatMap(({ chunks }) => chunks.map(({ start }) => start))).toEqual([
        4,
        ...edges.slice(0, -1),
      ]);
    }));

  it('reads the footer and no data: one tail, or the rest of a large footer', () =>
    withFolder(async (base) => {
      const small = path.join(base, 'small.parquet');
      await writeParquet(small, `SELECT ${COLUMNS} FROM range(100000) r(i)`);
      const one = counting();
      await readFooter(one.read, await listed(small), all);
      expect(one).toMatchObject({ reads: 1, bytes: TAIL_BYTES });

      const large = path.join(base, 'large.parquet');
      await writeParquet(large, `SELECT ${COLUMNS} FROM range(200000) r(i)`, 'ROW_GROUP_SIZE 2048');
      const two = counting();
      const footer = await readFooter(two.read, await listed(large), all);
      const bytes = await readFile(large);
      const length = bytes.readUInt32LE(bytes.length - 8);
      expect(length).toBeGreaterThan(TAIL_BYTES);
      expect(two).toMatchObject({ reads: 2, bytes: length + 8 });
      expect(footer.rowGroups).toHaveLength(98);
    }));

  it('refuses what is not Parquet, with the reason and the file', () =>
    withFolder(async (base) => {
      const good = path.join(base, 'good.parquet');
      await writeParquet(good, `SELECT ${COLUMNS} FROM range(100) r(i)`);
      const bytes = await readFile(good);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(1_000_000);
      const cases: [string, Buffer, RegExp][] = [
        ['empty', Buffer.alloc(0), /0 bytes/],
        ['text', Buffer.from('a,b,c\n1,2,3\n4,5,6\n'), /^the file does not end in "PAR1"/],
        ['cut', bytes.subarray(0, -100), /truncated/],
        ['encrypted', Buffer.concat([bytes.subarray(0, -4), Buffer.from('PARE')]), /encrypted/],
        [
          'length',
          Buffer.concat([bytes.subarray(0, -8), length, Buffer.from('PAR1')]),
          /claims 1000000 bytes/,
        ],
        [
          'zeros',
          Buffer.concat([Buffer.alloc(bytes.length - 8), bytes.subarray(-8)]),
          /damaged footer/,
        ],
      ];
      for (const [name, content, reason] of cases) {
        const file = path.join(base, `${name}.parquet`);
        await writeFile(file, content);
        await expect(readFooter(plain, await listed(file), all)).rejects.toMatchObject({
          code: 'INPUT_NOT_PARQUET',
          message: expect.stringMatching(reason),
          where: file,
        });
      }
    }));

  it('refuses a footer that is larger than it may be, and does not read it', () =>
    withFolder(async (base) => {
      const file = path.join(base, 'a.parquet');
      await writeParquet(file, `SELECT ${COLUMNS} FROM range(100) r(i)`);
      await expect(readFooter(plain, await listed(file), all, 100)).rejects.toMatchObject({
        code: 'INPUT_FOOTER_TOO_LARGE',
        message: expect.stringMatching(/has \d+ bytes; at most 100 are read/),
      });
    }));

  it('refuses a file that is no longer the listed one', () =>
    withFolder(async (base) => {
      const file = path.join(base, 'a.parquet');
      await writeParquet(file, `SELECT ${COLUMNS} FROM range(100) r(i)`);
      const old = { ...(await listed(file)), etag: 'another' };
      await expect(readFooter(plain, old, all)).rejects.toMatchObject({
        code: 'INPUT_CHANGED',
      });
    }));

  it('never throws anything but RangeError on damaged bytes, and ends', () =>
    withFolder(async (base) => {
      const file = path.join(base, 'a.parquet');
      await writeParquet(file, `SELECT ${COLUMNS} FROM range(5000) r(i)`, 'ROW_GROUP_SIZE 2048');
      const bytes = await readFile(file);
      const length = bytes.readUInt32LE(bytes.length - 8);
      const footer = bytes.subarray(bytes.length - 8 - length, bytes.length - 8);
      const damage = fc.array(fc.tuple(fc.nat(length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 5,
      });
      fc.assert(
        fc.property(damage, fc.nat(length), (changes, end) => {
          const damaged = Uint8Array.from(footer.subarray(0, end < length / 2 ? length : end));
          for (const [at, value] of changes) damaged[at] = value;
          try {
            footerParser({ used: ['id'], predicate: ['id', 's'] })(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        }),
        { numRuns: 2000 },
      );
    }));
});
