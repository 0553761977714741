import type { KeptRowGroup } from '../footers/scanned-file.js';
import {
  InvariantError,
  type PinnedFile,
  type PlannedPart,
  type PlannedShard,
  type Slice,
} from '@shardmill/core';

/** A file with the row groups that are to be read. */
export interface FileToSplit {
  readonly file: PinnedFile;
  /** In order; row groups that statistics rule out are left out. */
  readonly rowGroups: readonly KeptRowGroup[];
}
export interface SplitOptions {
  /** Rows per part, about. */
  readonly partRows: number;
  /** Parts per shard, at most. */
  readonly shardParts: number;
  /** Whether a part may have row groups of one file, and other files of the same layout. */
  readonly mixed?: boolean | undefined;
}

/** Limits of one part, so that its description and its scan stay small. */
export const MAX_FILES_PER_PART = 1000;
export const MAX_RANGES_PER_PART = 64;

/**
 * Splits files into parts of about `partRows` rows along row groups, and parts into shards; the
 * same files give the same shards.
 * - Parts are even: a remainder is spread, not left as a tiny last part.
 * - A row group of more than twice `partRows` is split within.
 * - Consecutive files of fewer rows and one layout are put together, up to 1.5 times `partRows`.
 * - Where they may be mixed, the row groups of larger files are put together with them as well, so
 *   that small files between large ones make no small parts.
 * - Without any row there is one part of none, so that the result has a schema.
 */
export function splitShards(files: readonly FileToSplit[], options: SplitOptions): PlannedShard[] {
  const parts = stretchesOf(files, options).flatMap((stretch) =>
    distribute(stretch, options.partRows),
  );
  if (parts.length === 0) parts.push([]);
  const count = Math.ceil(parts.length / options.shardParts);
  return Array.from({ length: count }, (_, shard) => {
    const from = Math.floor((shard * parts.length) / count);
    const to = Math.floor(((shard + 1) * parts.length) / count);
    return toShard(shard, parts.slice(from, to), files);
  });
}

/** What is not split further: a row group, a piece of one, or a small file. */
interface Atom {
  readonly rows: number;
  /** `file` is an index into all files. */
  readonly slices: readonly Slice[];
  /** Slices that are not whole files. */
  readonly ranges: number;
}

/** Atoms that may share a part: those of one large file, or small files of one layout in a row. */
function stretchesOf(
  files: readonly FileToSplit[],
  { partRows, mixed = false }: SplitOptions,
): Atom[][] {
  const stretches: Atom[][] = [];
  let small: { layout: number; atoms: Atom[] } | undefined;
  for (const [index, { file, rowGroups }] of files.entries()) {
    const groups = rowGroups.filter(({ rows }) => rows > 0);
    const rows = groups.reduce((sum, group) => sum + group.rows, 0);
    if (rows === 0) continue;
    const slices = joinSlices(groups.map((group) => sliceOf(index, group)));
    const whole = rows === file.rows;
    const large = rows >= partRows || (!whole && slices.length > MAX_RANGES_PER_PART);
    const ofGroups = large
      ? groups.flatMap((group) => atomsOf(index, group, partRows, file.rows))
      : undefined;
    if (ofGroups !== undefined && !mixed) {
      small = undefined;
      stretches.push(ofGroups);
      continue;
    }
    if (small?.layout !== file.layout) {
      small = { layout: file.layout, atoms: [] };
      stretches.push(small.atoms);
    }
    for (const atom of ofGroups ?? [{ rows, slices, ranges: whole ? 0 : slices.length }]) {
      small.atoms.push(atom);
    }
  }
  return stretches;
}

function sliceOf(file: number, { index, firstRow, rows }: KeptRowGroup): Slice {
  return { file, firstRow, rows, firstRowGroup: index, rowGroups: 1 };
}

function atomsOf(file: number, group: KeptRowGroup, partRows: number, fileRows: number): Atom[] {
  const pieces = group.rows > 2 * partRows ? Math.ceil(group.rows / partRows) : 1;
  return Array.from({ length: pieces }, (_, piece) => {
    const from = Math.floor((piece * group.rows) / pieces);
    const rows = Math.floor(((piece + 1) * group.rows) / pieces) - from;
    const slice = { ...sliceOf(file, group), firstRow: group.firstRow + from, rows };
    return { rows, slices: [slice], ranges: rows === fileRows ? 0 : 1 };
  });
}

/** Fills parts one after another, each up to an even share of what is left. */
function distribute(atoms: readonly Atom[], partRows: number): Slice[][] {
  const parts: Slice[][] = [];
  let left = atoms.reduce((sum, atom) => sum + atom.rows, 0);
  let next = 0;
  while (next < atoms.length) {
    const share = left / Math.max(1, Math.round(left / partRows));
    const slices: Slice[] = [];
    let [rows, ranges, files] = [0, 0, 0];
    for (let atom = atoms[next]; atom !== undefined && rows < share; atom = atoms[next]) {
      const joined = continues(slices.at(-1), atom.slices[0]);
      const newRanges = joined ? 0 : atom.ranges;
      const fits =
        rows + atom.rows <= 1.5 * partRows &&
        ranges + newRanges <= MAX_RANGES_PER_PART &&
        files < MAX_FILES_PER_PART;
      if (rows > 0 && !fits) break;
      slices.push(...atom.slices);
      rows += atom.rows;
      ranges += newRanges;
      files += joined ? 0 : 1;
      next++;
    }
    left -= rows;
    parts.push(joinSlices(slices));
  }
  return parts;
}

function continues(previous: Slice | undefined, next: Slice | undefined): boolean {
  return (
    previous !== undefined &&
    next !== undefined &&
    previous.file === next.file &&
    previous.firstRow + previous.rows === next.firstRow
  );
}

/** Neighbouring row groups as one slice. */
function joinSlices(slices: readonly Slice[]): Slice[] {
  const joined: Slice[] = [];
  for (const slice of slices) {
    const last = joined.at(-1);
    if (last === undefined || !continues(last, slice)) {
      joined.push(slice);
      continue;
    }
    const end = slice.firstRowGroup + slice.rowGroups;
    joined[joined.length - 1] = {
      ...last,
      rows: last.rows + slice.rows,
      rowGroups: end - last.firstRowGroup,
    };
  }
  return joined;
}

/** A shard with its own list of files; parts are numbered within the shard. */
function toShard(
  shard: number,
  parts: readonly (readonly Slice[])[],
  files: readonly FileToSplit[],
): PlannedShard {
  const own = new Map<number, number>();
  const pinned: PinnedFile[] = [];
  const localIndex = (file: number): number => {
    const known = own.get(file);
    if (known !== undefined) return known;
    const source = files[file];
    if (source === undefined) throw new InvariantError(`no file ${file}`);
    own.set(file, pinned.length);
    return pinned.push(source.file) - 1;
  };
  const planned = parts.map((slices, part): PlannedPart => {
    const local = slices.map((slice) => ({ ...slice, file: localIndex(slice.file) }));
    return { part, rows: local.reduce((sum, slice) => sum + slice.rows, 0), slices: local };
  });
  return {
    shard,
    rows: planned.reduce((sum, part) => sum + part.rows, 0),
    files: pinned,
    parts: planned,
  };
}
