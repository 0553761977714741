import type { ByteRange, Footer, Slice } from '@shardmill/core';

export type RowGroupRange = Pick<Slice, 'firstRowGroup' | 'rowGroups'>;

/** Gap between two ranges that may be fetched along with them. */
const MAX_GAP_BYTES = 1024 * 1024;
/** A gap that costs less than another request, however small the ranges beside it. */
const FREE_GAP_BYTES = 64 * 1024;
/** A request of more than this is cut, so that its parts are fetched at the same time. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

/** Where the selected columns of a slice's row groups lie in a file of `bytes` bytes. */
export function wantedRanges(
  { rowGroups, createdBy }: Pick<Footer, 'rowGroups' | 'createdBy'>,
  { firstRowGroup, rowGroups: count }: RowGroupRange,
  bytes: number,
): ByteRange[] {
  const more = omitsDictionaryHeader(createdBy) ? DICTIONARY_HEADER_BYTES : 0;
  return rowGroups
    .slice(firstRowGroup, firstRowGroup + count)
    .flatMap((group) => group.chunks)
    .map(({ start, end }) => ({ start, end: Math.min(end + more, bytes) }))
    .filter(({ start, end }) => start < end);
}

/**
 * What is to be asked of the store: all bytes of `wanted` that are not in `present`, none of
 * `present`, in few requests. A gap between two ranges is fetched along if it is small beside them.
 */
export function planRequests(
  wanted: readonly ByteRange[],
  present: readonly ByteRange[],
): ByteRange[] {
  const have = merge(present);
  return join(subtract(merge(wanted), have), have).flatMap(cut);
}

export function overlaps(a: ByteRange, b: ByteRange): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Sorted; ranges that touch or overlap are made one. */
function merge(ranges: readonly ByteRange[]): ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else merged.push(range);
  }
  return merged;
}

/** Makes neighbours one where the gap is small and nothing that is present lies in it. */
function join(ranges: readonly ByteRange[], present: readonly ByteRange[]): ByteRange[] {
  const joined: (ByteRange & { readonly wanted: number })[] = [];
  for (const { start, end } of ranges) {
    const last = joined.at(-1);
    const beside = (last?.wanted ?? 0) + end - start;
    const maxGapBytes = Math.max(FREE_GAP_BYTES, Math.min(MAX_GAP_BYTES, beside));
    const gap = { start: last?.end ?? 0, end: start };
    if (
      last !== undefined &&
      gap.end - gap.start <= maxGapBytes &&
      !present.some((range) => overlaps(range, gap))
    ) {
      joined[joined.length - 1] = { start: last.start, end, wanted: beside };
    } else joined.push({ start, end, wanted: end - start });
  }
  return joined;
}

/** What of `ranges` is not in `removed`; both are sorted, without overlaps. */
function subtract(ranges: readonly ByteRange[], removed: readonly ByteRange[]): ByteRange[] {
  const left: ByteRange[] = [];
  for (const range of ranges) {
    let { start } = range;
    for (const hole of removed) {
      if (!overlaps(hole, { start, end: range.end })) continue;
      if (hole.start > start) left.push({ start, end: hole.start });
      start = hole.end;
    }
    if (start < range.end) left.push({ start, end: range.end });
  }
  return left;
}

/** Pieces of about the same size, none over MAX_REQUEST_BYTES. */
function cut({ start, end }: ByteRange): ByteRange[] {
  const pieces = Math.ceil((end - start) / MAX_REQUEST_BYTES);
  const bytes = Math.ceil((end - start) / pieces);
  return Array.from({ length: pieces }, (_, index) => ({
    start: start + index * bytes,
    end: Math.min(end, start + (index + 1) * bytes),
  }));
}

const DICTIONARY_HEADER_BYTES = 100;

/**
 * parquet-mr before 1.2.9 left the header of the dictionary page out of a chunk's size, as Arrow
 * knows it (PARQUET-816); such a header has fewer than a hundred bytes.
 */
function omitsDictionaryHeader(createdBy: string): boolean {
  return /^parquet-mr version 1\.([01]\.|2\.[0-8]\b)/.test(createdBy);
}
