import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { withFolder, writeParquet } from '@shardmill/test-kit/parquet';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { countFooter } from './count-footer.js';

const COLUMNS = `i::BIGINT AS id, if(i % 3 = 0, NULL, 'name' || i) AS "a, b",
  {'x': if(i % 2 = 0, NULL, i), 'y': [i, NULL]} AS nested, NULL::DOUBLE AS nothing`;

/** A file's bytes, and those of its footer. */
async function write(folder: string, select: string): Promise<{ file: Buffer; footer: Buffer }> {
  const name = path.join(folder, 'a.parquet');
  await writeParquet(name, select, 'ROW_GROUP_SIZE 2048');
  const file = await readFile(name);
  const end = file.length - 8;
  return { file, footer: file.subarray(end - file.readUInt32LE(end), end) };
}

describe('rows and nulls of a footer', () => {
  it('are those that another reader finds, over all row groups', () =>
    withFolder(async (folder) => {
      const { file, footer } = await write(folder, `SELECT ${COLUMNS} FROM range(10000) r(i)`);
      const { row_groups: groups } = parquetMetadata(Uint8Array.from(file).buffer);
      expect(groups.length).toBeGreaterThan(3);
      const [first] = groups;
      const leaves = first?.columns.map(({ meta_data: meta }, leaf) => ({
        path: meta?.path_in_schema,
        nulls: groups.reduce(
          (sum, { columns }) =>
            sum + Number(columns[leaf]?.meta_data?.statistics?.null_count ?? Number.NaN),
          0,
        ),
      }));
      expect(countFooter(footer)).toEqual({ rows: 10_000, leaves });
      expect(leaves?.map(({ nulls }) => nulls)).toEqual([0, 3334, 5000, 10_000, 10_000]);
    }));

  it('are none without a row group', () =>
    withFolder(async (folder) => {
      const { footer } = await write(folder, `SELECT ${COLUMNS} FROM range(0) r(i)`);
      expect(countFooter(footer)).toEqual({ rows: 0, leaves: [] });
    }));

  it('are refused where the footer is cut off or counts other rows', () =>
    withFolder(async (folder) => {
      const { footer } = await write(folder, 'SELECT i AS x FROM range(5000) r(i)');
      for (let length = 0; length < footer.length; length += 7) {
        expect(() => countFooter(footer.subarray(0, length))).toThrow(RangeError);
      }
      // 5,000 as a zigzag integer of the compact protocol, where the file's rows are counted.
      const at = footer.indexOf(Buffer.from([0x90, 0x4e]));
      const other = Buffer.from(footer);
      other[at] = 0x92;
      expect(() => countFooter(other)).toThrow(
        'the row groups have 5000 rows, but the footer counts 5001',
      );
    }));
});
