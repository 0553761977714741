import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql, withFolder, writeParquet } from '@shardmill/test-kit/parquet';
import { parquetMetadata } from 'hyparquet';
import { expect, it } from 'vitest';
import { hideBloomFilters } from './hide-bloom-filters.js';

/** The footer's content, and the bytes before and after it. */
function parts(file: Buffer): [before: Buffer, footer: Buffer, after: Buffer] {
  const length = file.readUInt32LE(file.length - 8);
  const start = file.length - 8 - length;
  return [file.subarray(0, start), file.subarray(start, -8), file.subarray(-8)];
}

it('hides Bloom filters from readers, and nothing else', () =>
  withFolder(async (base) => {
    const file = path.join(base, 'a.parquet');
    await writeParquet(
      file,
      "SELECT i AS id, 'name' || i % 20 AS s, {'n': i % 7} AS nested FROM range(10000) r(i)",
      'ROW_GROUP_SIZE 2048',
    );
    const bytes = await readFile(file);
    const [before, footer, after] = parts(bytes);
    const hidden = hideBloomFilters(footer);
    expect(hidden).toHaveLength(footer.length);
    const changed = Buffer.concat([before, hidden, after]);

    const columns = (buffer: Buffer) =>
      parquetMetadata(Uint8Array.from(buffer).buffer).row_groups.flatMap((group) =>
        group.columns.map(({ meta_data: meta }) => meta),
      );
    const [with_, without] = [columns(bytes), columns(changed)];
    const filters = with_.filter((meta) => meta?.bloom_filter_offset !== undefined);
    expect(filters.length).toBeGreaterThan(5);
    expect(without).toEqual(
      with_.map((meta) => {
        const { bloom_filter_offset: _o, bloom_filter_length: _l, ...rest } = meta ?? {};
        return expect.objectContaining(rest);
      }),
    );
    expect(without.some((meta) => meta?.bloom_filter_offset !== undefined)).toBe(false);

    await writeFile(file, changed);
    const found = await sql(`SELECT count(*) AS n FROM '${file}' WHERE s = 'name7'`);
    expect(found).toEqual([{ n: 500n }]);
  }));

it('finds damage', () => {
  expect(() => hideBloomFilters(Uint8Array.of(0x49, 0xff))).toThrow(RangeError);
});
