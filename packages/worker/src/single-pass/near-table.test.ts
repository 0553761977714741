import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { fileEtag, footerParser } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { file, open, SUM, usePartWriters, write, type Written } from '../testing/part-writers.js';

usePartWriters();

const nearTable = 'near';
const ids = ({ rows }: Written): number[] => rows.map(({ id }) => Number(id));
const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

const etagOf = async (path: string): Promise<string> =>
  fileEtag(await stat(path, { bigint: true }));

/** A file like that of all tests, of which the pages of one row group make no sense. */
async function damagedFile(rowGroup: number): Promise<string> {
  const bytes = await readFile(file());
  const end = bytes.length - 8;
  const footer = bytes.subarray(end - bytes.readUInt32LE(end), end);
  const { rowGroups } = footerParser({ used: [], predicate: [], chunks: 'all' })(footer);
  for (const { start, end: to } of rowGroups[rowGroup]?.chunks ?? []) bytes.fill(0xff, start, to);
  const damaged = `${file()}.damaged`;
  await writeFile(damaged, bytes);
  return damaged;
}

/** A copy of the file of all tests, and its state. */
async function movedFile(): Promise<[path: string, etag: string]> {
  const moved = `${file()}.moved`;
  await writeFile(moved, await readFile(file()));
  return [moved, await etagOf(moved)];
}

describe('small parts that are read together', () => {
  it('have the rows that they have by themselves, wherever they begin', async () => {
    const [near, alone] = [open(SUM), open(SUM)];
    const etag = await etagOf(file());
    for (const firstRow of [0, 1000, 15_900, 16_384, 17_000, 1500, 49_000]) {
      const part = { firstRow, read: 1000 };
      const written = await write(near, { ...part, etag, nearTable });
      expect(ids(written)).toEqual(range(firstRow, 1000));
      expect(written.rows).toEqual((await write(alone, part)).rows);
    }
  });

  it('are filtered, and have rows rejected, as by themselves', async () => {
    const features = SUM.features.map((one) =>
      one.input === 'a' ? { ...one, columns: [{ label: 'a', sql: '(nullif(a, 98))' }] } : one,
    );
    const pass = open({ ...SUM, features, where: 'id % 2 = 0' });
    const etag = await etagOf(file());
    for (const firstRow of [2000, 3000]) {
      const written = await write(pass, {
        firstRow,
        read: 1000,
        scored: 500,
        survey: true,
        etag,
        nearTable,
      });
      expect(written.counts).toEqual({ read: 1000, scored: 490, rejected: 10, filtered: 500 });
      expect(ids(written)).toEqual(
        range(firstRow, 1000).filter((id) => id % 2 === 0 && id % 100 !== 98),
      );
    }
  });

  it('are read by themselves where others around them are damaged', async () => {
    const from = await damagedFile(3);
    const pass = open(SUM);
    try {
      // The same rows of a file that is whole are there, and of no use here.
      const etag = await etagOf(file());
      await write(pass, { firstRow: 0, read: 1000, etag, nearTable });
      for (const firstRow of [0, 1000]) {
        const written = await write(pass, { firstRow, read: 1000, from, nearTable });
        expect(ids(written)).toEqual(range(firstRow, 1000));
      }
      const { why } = await write(pass, { firstRow: 3 * 2048, read: 1000, from, nearTable });
      expect(why).toBeDefined();
    } finally {
      await rm(from);
    }
  });

  it('are not read from their files once they are there', async () => {
    const [from, etag] = await movedFile();
    const pass = open(SUM);
    const part = { read: 1000, from, etag, nearTable };
    await write(pass, { ...part, firstRow: 0 });
    await rm(from);
    expect(ids(await write(pass, { ...part, firstRow: 1000 }))).toEqual(range(1000, 1000));
    const { why } = await write(pass, { ...part, firstRow: 20_000 });
    expect(why).toContain('No files found');
  });

  it('are not kept where they are of another file than the planned one', async () => {
    const [from] = await movedFile();
    const pass = open(SUM);
    const part = { read: 1000, from, etag: await etagOf(file()), nearTable };
    expect(ids(await write(pass, { ...part, firstRow: 0 }))).toEqual(range(0, 1000));
    await rm(from);
    const { why } = await write(pass, { ...part, firstRow: 1000 });
    expect(why).toContain('No files found');
  });
});
