import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type CopyInput,
  fileEtag,
  inputReader,
  type PlannedPart,
  type PlannedShard,
  type ReadInput,
  type Scoring,
  ShardmillError,
  Stores,
  TAIL_BYTES,
} from '@shardmill/core';
import { sql, withFolder, writeParquet } from '@shardmill/test-kit/parquet';
import { describe, expect, it } from 'vitest';
import { SparseInputs } from './sparse-inputs.js';

/** Columns that do not compress lie between those that are used. */
const GROUP_ROWS = 20_480;
const ROWS = 5 * GROUP_ROWS;
const QUERY = `SELECT i::BIGINT AS id, random() AS big1, random() AS big2,
    'word' || i % 3000 AS word, random() AS big3, {'x': i, 'y': [i, i + 1]} AS nested
  FROM range(${ROWS}) r(i)`;

const URI = 's3://lake/a.parquet';
const never = new AbortController().signal;

const wanted = (used: string[]): Pick<Scoring, 'input'> => ({
  input: {
    columns: [],
    used,
    layouts: [],
    partitionColumns: [{ name: 'ds', type: 'DATE' }],
    where: null,
  },
});

/** Copies what `read` reads. */
const copying =
  (read: ReadInput): CopyInput =>
  async (file, { start, end }, write) =>
    write([await read(file, start, end)], 0);

interface Place {
  readonly shard: PlannedShard;
  readonly reads: { start: number; end: number }[];
  readonly read: ReadInput;
  readonly base: string;
}

/** A shard over one object; reads of it go to a local file, and are counted. */
async function withObject(use: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (base) => {
    const file = path.join(base, 'object.parquet');
    await writeParquet(file, QUERY, `ROW_GROUP_SIZE ${GROUP_ROWS}`);
    const info = await stat(file, { bigint: true });
    const [bytes, etag] = [Number(info.size), fileEtag(info)];
    const local = inputReader(new Stores());
    const reads: Place['reads'] = [];
    const part = (number: number, firstRowGroup: number, rowGroups: number): PlannedPart => ({
      part: number,
      rows: rowGroups * GROUP_ROWS,
      slices: [
        {
          file: 0,
          firstRow: firstRowGroup * GROUP_ROWS,
          rows: rowGroups * GROUP_ROWS,
          firstRowGroup,
          rowGroups,
        },
      ],
    });
    await use({
      base,
      reads,
      read: async (asked, start, end) => {
        reads.push({ start, end });
        return local({ ...asked, uri: file }, start, end);
      },
      shard: {
        shard: 7,
        rows: ROWS,
        files: [{ uri: URI, bytes, etag, rows: ROWS, layout: 0, partition: [] }],
        parts: [part(0, 1, 2), part(1, 2, 2)],
      },
    });
  });
}

async function rowsOf(file: string, first: number, last: number, columns: string) {
  return sql(`SELECT ${columns} FROM read_parquet('${file}', file_row_number = true)
    WHERE file_row_number BETWEEN ${first} AND ${last} ORDER BY file_row_number`);
}

describe('staging a part', () => {
  it('gives DuckDB the columns and row groups that it needs, nested ones too', () =>
    withObject(async ({ base, shard, read }) => {
      const inputs = new SparseInputs(
        wanted(['ID', 'word', 'nested', 'ds']),
        base,
        read,
        copying(read),
      );
      const files = inputs.open(shard, never);
      const [first] = shard.parts;
      if (first === undefined) throw new Error('no part');
      await files.stage(first);
      const original = path.join(base, 'object.parquet');
      const staged = files.pathOf(URI);
      const columns = 'id, word, nested';
      const [from, to] = [GROUP_ROWS, 3 * GROUP_ROWS - 1];
      expect(await rowsOf(staged, from, to, columns)).toEqual(
        await rowsOf(original, from, to, columns),
      );
      // A filter would ask the Bloom filters of all row groups, if it found any; they are too large to
      // have been read with the footer.
      const filters = await sql(
        `SELECT sum(bloom_filter_length)::INTEGER AS bytes FROM parquet_metadata('${original}')`,
      );
      expect(filters[0]?.['bytes']).toBeGreaterThan(TAIL_BYTES);
      const found = await sql(
        `SELECT count(*) AS n FROM read_parquet('${staged}', file_row_number = true)
         WHERE word = 'word7' AND file_row_number BETWEEN ${from} AND ${to}`,
      );
      expect(found).toEqual([{ n: 14n }]);
      await expect(rowsOf(staged, from, from + 100, 'big1')).rejects.toThrow();
      await expect(rowsOf(staged, 0, 100, 'id')).rejects.toThrow();
      await files.close();
    }));

  it('takes the space of what was fetched, and gives it back with the shard', () =>
    withObject(async ({ base, shard, read, reads }) => {
      const folder = path.join(base, 'staging');
      const files = new SparseInputs(wanted(['id']), folder, read, copying(read)).open(
        shard,
        never,
      );
      const [first] = shard.parts;
      if (first === undefined) throw new Error('no part');
      const fetched = await files.stage(first);
      expect(fetched).toBe(reads.reduce((sum, { start, end }) => sum + end - start, 0));
      const { size, blocks } = await stat(files.pathOf(URI));
      expect(size).toBe(shard.files[0]?.bytes);
      expect(blocks * 512).toBeLessThan(fetched + 64 * 1024);
      expect(blocks * 512).toBeLessThan(size / 2);
      await files.close();
      expect(await readdir(folder)).toEqual([]);
    }));

  it('fetches row groups that parts share once, also where they are staged at the same time', () =>
    withObject(async ({ base, shard, read, reads }) => {
      const files = new SparseInputs(wanted(['id', 'big2']), base, read, copying(read)).open(
        shard,
        never,
      );
      const bytes = await Promise.all(shard.parts.map((part) => files.stage(part)));
      expect(bytes.every((count) => count > 0)).toBe(true);
      const sorted = reads.toSorted((a, b) => a.start - b.start);
      for (const [index, { start }] of sorted.entries()) {
        expect(start).toBeGreaterThanOrEqual(sorted[index - 1]?.end ?? 0);
      }
      const again = await Promise.all(shard.parts.map((part) => files.stage(part)));
      expect(again).toEqual([0, 0]);
      const staged = await readFile(files.pathOf(URI));
      const original = await readFile(path.join(base, 'object.parquet'));
      for (const { start, end } of reads) {
        // The end holds the footer, in which the Bloom filters are hidden.
        if (end === original.length) continue;
        expect(staged.subarray(start, end).equals(original.subarray(start, end))).toBe(true);
      }
      await files.close();
    }));

  it('fails with the reason where a request fails, and where the object is gone', () =>
    withObject(async ({ base, shard, read }) => {
      for (const [code, expected] of [
        ['INPUT_CHANGED', 'INPUT_CHANGED'],
        ['INPUT_NOT_FOUND', 'INPUT_CHANGED'],
        ['STORE_UNREACHABLE', 'STORE_UNREACHABLE'],
      ] as const) {
        const failing: ReadInput = async (file, start, end) => {
          if (end < file.bytes) throw new ShardmillError(code, 'no');
          return read(file, start, end);
        };
        const files = new SparseInputs(wanted(['id']), base, failing, copying(failing)).open(
          shard,
          never,
        );
        const staging = shard.parts.map((part) => files.stage(part));
        for (const staged of staging)
          await expect(staged).rejects.toMatchObject({ code: expected });
        await files.close();
      }
    }));

  it('fetches nothing more once the shard is abandoned', () =>
    withObject(async ({ base, shard, read, reads }) => {
      const stop = new AbortController();
      const slow: ReadInput = async (file, start, end) => {
        const bytes = await read(file, start, end);
        stop.abort(new ShardmillError('INTERRUPTED', 'abandoned'));
        return bytes;
      };
      const files = new SparseInputs(wanted(['id']), base, slow, copying(slow)).open(
        shard,
        stop.signal,
      );
      const [first] = shard.parts;
      if (first === undefined) throw new Error('no part');
      await expect(files.stage(first)).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(reads).toHaveLength(1);
      await files.close();
    }));
});
