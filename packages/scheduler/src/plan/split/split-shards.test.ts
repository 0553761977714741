import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FileToSplit,
  MAX_FILES_PER_PART,
  MAX_RANGES_PER_PART,
  type SplitOptions,
  splitShards,
} from './split-shards.js';

/** A file of the given row groups; those below zero are ruled out. */
function fileOf(name: string, groups: readonly number[], layout = 0): FileToSplit {
  let firstRow = 0;
  const rowGroups = groups.map((rows, index) => {
    const group = { index, firstRow, rows: Math.abs(rows), kept: rows >= 0 };
    firstRow += group.rows;
    return group;
  });
  return {
    file: { uri: name, bytes: 1, etag: 'e', rows: firstRow, layout, partition: [] },
    rowGroups: rowGroups
      .filter(({ kept }) => kept)
      .map(({ index, firstRow: first, rows }) => ({ index, firstRow: first, rows })),
  };
}

const OPTIONS = { partRows: 262_144, shardParts: 4 };
const rowsOf = (files: FileToSplit[], options: SplitOptions = OPTIONS): number[][] =>
  splitShards(files, options).map((shard) => shard.parts.map((part) => part.rows));

describe('splitting', () => {
  it('spreads row groups evenly over parts', () => {
    const [shard] = splitShards([fileOf('a', Array(9).fill(122_880))], OPTIONS);
    expect(shard?.parts.map((part) => part.slices[0]?.rowGroups)).toEqual([3, 2, 2, 2]);
  });

  it('splits a large row group within, in equal ranges', () => {
    const [shard] = splitShards([fileOf('a', [1_000_000])], OPTIONS);
    expect(shard?.parts.map((part) => part.slices)).toEqual(
      [0, 250_000, 500_000, 750_000].map((firstRow) => [
        { file: 0, firstRow, rows: 250_000, firstRowGroup: 0, rowGroups: 1 },
      ]),
    );
  });

  it('joins neighbouring row groups and leaves ruled out ones as gaps', () => {
    const [shard] = splitShards([fileOf('a', [10, 10, -10, 10, 10, -5, 1])], {
      partRows: 41,
      shardParts: 4,
    });
    expect(shard?.parts).toEqual([
      {
        part: 0,
        rows: 41,
        slices: [
          { file: 0, firstRow: 0, rows: 20, firstRowGroup: 0, rowGroups: 2 },
          { file: 0, firstRow: 30, rows: 20, firstRowGroup: 3, rowGroups: 2 },
          { file: 0, firstRow: 55, rows: 1, firstRowGroup: 6, rowGroups: 1 },
        ],
      },
    ]);
  });

  it('puts small files of one layout together, evenly', () => {
    const files = Array.from({ length: 10 }, (_, i) => fileOf(`f${i}`, [50_000]));
    expect(rowsOf(files)).toEqual([[250_000, 250_000]]);
    const mixed = files.map((file, i) => ({
      ...file,
      file: { ...file.file, layout: i < 3 ? 0 : 1 },
    }));
    expect(rowsOf(mixed)).toEqual([[150_000, 350_000]]);
  });

  it('leaves no small part between large files where they may be mixed', () => {
    const files = Array.from({ length: 9 }, (_, i) => fileOf(`f${i}`, [i % 2 === 0 ? 20 : 300, 1]));
    const parts = (mixed: boolean) => rowsOf(files, { partRows: 300, shardParts: 4, mixed }).flat();
    expect(Math.min(...parts(false))).toBe(21);
    expect(parts(true)).toEqual([343, 322, 322, 322]);
  });

  it('balances shards and numbers parts within them', () => {
    const shards = splitShards([fileOf('a', Array(10).fill(250_000))], OPTIONS);
    expect(shards.map((shard) => shard.parts.length)).toEqual([3, 3, 4]);
    expect(shards.map((shard) => shard.parts.map((part) => part.part))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2, 3],
    ]);
  });

  it('plans one empty part where there is no row', () => {
    const empty = { shard: 0, rows: 0, files: [], parts: [{ part: 0, rows: 0, slices: [] }] };
    expect(splitShards([fileOf('a', []), fileOf('b', [-100])], OPTIONS)).toEqual([empty]);
  });

  it('covers every kept row once, in order, within its limits', () => {
    const group = fc.oneof(
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 200, max: 2000 }),
    );
    const files = fc.array(
      fc.record({
        groups: fc.array(group, { maxLength: 80 }),
        layout: fc.integer({ min: 0, max: 1 }),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        files,
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        (specs, partRows, shardParts, mixed) => {
          const input = specs.map(({ groups, layout }, i) => fileOf(`f${i}`, groups, layout));
          const shards = splitShards(input, { partRows, shardParts, mixed });
          expect(splitShards(input, { partRows, shardParts, mixed })).toEqual(shards);
          const seen: [string, number, number][] = [];
          const faults: string[] = [];
          const hold = (fact: boolean, what: string): void => {
            if (!fact) faults.push(what);
          };
          for (const [index, shard] of shards.entries()) {
            hold(shard.shard === index && shard.parts.length <= shardParts, `shard ${index}`);
            for (const part of shard.parts) {
              const used = part.slices.map((slice) => shard.files[slice.file]);
              const ranges = part.slices.filter((s, i) => s.rows !== used[i]?.rows);
              hold(new Set(used.map((file) => file?.layout)).size <= 1, 'layouts');
              hold(new Set(used).size <= MAX_FILES_PER_PART, 'files');
              hold(ranges.length <= MAX_RANGES_PER_PART, 'ranges');
              hold(part.rows === part.slices.reduce((sum, s) => sum + s.rows, 0), 'rows');
              hold(part.rows <= 2 * partRows, 'size');
              for (const { file, firstRow, rows, firstRowGroup, rowGroups } of part.slices) {
                const uri = shard.files[file]?.uri ?? '';
                const groups = input.find((f) => f.file.uri === uri)?.rowGroups ?? [];
                const first = groups.find((g) => g.index === firstRowGroup);
                const last = groups.find((g) => g.index === firstRowGroup + rowGroups - 1);
                const end = (last?.firstRow ?? 0) + (last?.rows ?? 0);
                hold(first !== undefined && firstRow >= first.firstRow, 'first row group');
                hold(firstRow + rows <= end, 'row groups');
                seen.push([uri, firstRow, firstRow + rows]);
              }
            }
          }
          expect(faults).toEqual([]);
          expect(join(seen)).toEqual(
            join(
              input.flatMap(({ file, rowGroups }) =>
                rowGroups
                  .filter(({ rows }) => rows > 0)
                  .map(({ firstRow, rows }): [string, number, number] => [
                    file.uri,
                    firstRow,
                    firstRow + rows,
                  ]),
              ),
            ),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('limits files and ranges of a part', () => {
    const tiny = Array.from({ length: 2500 }, (_, i) => fileOf(`f${i}`, [5]));
    const files = splitShards(tiny, OPTIONS).flatMap((s) => s.parts.map((p) => p.slices.length));
    expect(files).toEqual([1000, 1000, 500]);
    const gaps = fileOf(
      'g',
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 5 : -5)),
    );
    const ranges = splitShards([gaps], OPTIONS).flatMap((s) => s.parts.map((p) => p.slices.length));
    expect(ranges).toEqual([64, 36]);
  });
});

/** Ranges with touching ones joined: fails to be equal where rows overlap or are out of order. */
function join(ranges: readonly [string, number, number][]): [string, number, number][] {
  const joined: [string, number, number][] = [];
  for (const [uri, from, to] of ranges) {
    const last = joined.at(-1);
    if (last?.[0] === uri && last[2] === from) last[2] = to;
    else joined.push([uri, from, to]);
  }
  return joined;
}
