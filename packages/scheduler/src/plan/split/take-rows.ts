import type { ScannedFile } from '../footers/scanned-file.js';

/** Which rows a trial run takes of an input: the first ones, or some spread evenly over it. */
export interface RowSelection {
  readonly kind: 'limit' | 'sample';
  readonly rows: number;
}

export interface TakenRows<File> {
  readonly files: readonly File[];
  /** Rows that no pruning left out, but the selection. */
  readonly leftOut: number;
}

/**
 * The files with only those rows that a selection takes, as ranges of their row groups. A sample
 * takes a range from the middle of each row group, in proportion to its rows: the same files give
 * the same sample.
 */
export function takeRows<File extends Pick<ScannedFile, 'kept' | 'bytesToRead'>>(
  files: readonly File[],
  selection: RowSelection | undefined,
): TakenRows<File> {
  const total = files.reduce((sum, file) => sum + rowsOf(file), 0);
  if (selection === undefined || total <= selection.rows) return { files, leftOut: 0 };
  const share = selection.kind === 'limit' ? 1 : selection.rows / total;
  const takenOfFirst = (rows: number): number => Math.min(selection.rows, Math.round(rows * share));
  let before = 0;
  const taken = files.map((file): File => {
    const kept = file.kept.flatMap((group) => {
      const until = before + group.rows;
      const rows = takenOfFirst(until) - takenOfFirst(before);
      before = until;
      if (rows <= 0) return [];
      const skipped = selection.kind === 'limit' ? 0 : Math.floor((group.rows - rows) / 2);
      return [{ ...group, firstRow: group.firstRow + skipped, rows }];
    });
    const part = rowsOf({ kept }) / Math.max(1, rowsOf(file));
    return { ...file, kept, bytesToRead: Math.round(file.bytesToRead * part) };
  });
  return { files: taken, leftOut: total - selection.rows };
}

function rowsOf({ kept }: Pick<ScannedFile, 'kept'>): number {
  return kept.reduce((sum, group) => sum + group.rows, 0);
}
