import type { ColumnNotice } from './footer-findings.js';
import type { ColumnExtent } from './column-extent.js';

export interface KeptRowGroup {
  readonly index: number;
  readonly firstRow: number;
  readonly rows: number;
}

/** What one pass over the footers leaves of a file. */
export interface ScannedFile {
  /** Index into `SchemaBook.schemas`. */
  readonly schema: number;
  readonly rows: number;
  readonly rowGroups: number;
  readonly prunedRowGroups: number;
  readonly kept: readonly KeptRowGroup[];
  /** Compressed bytes of the used columns in the kept row groups. */
  readonly bytesToRead: number;
  /** Of the columns that were to be examined. */
  readonly extents: ReadonlyMap<string, ColumnExtent>;
  /** What is not read as it was written; the files of one schema mostly share one list. */
  readonly notices: readonly ColumnNotice[];
}
