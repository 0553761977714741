import { isDeepStrictEqual } from 'node:util';
import {
  type BoundJob,
  type Column,
  type ErrorCode,
  type FileColumn,
  footerParser,
  type Job,
  type JobBinder,
  MAX_FOOTER_BYTES,
  parseBytes,
  type ReadInput,
  readFooter,
  ShardmillError,
} from '@shardmill/core';
import { BadFiles } from './bad-files.js';
import { type CountedLayout, refuseMissingColumns, refuseTypeConflicts } from './check-columns.js';
import { plainColumns } from './file-columns.js';
import { columnNotices } from './footer-findings.js';
import type { InputListing } from './list-input.js';
import { mergeColumns } from './merge-columns.js';
import { SchemaBook, type ScannedFile, scanFooters } from './scan-footers.js';

export interface BindInputRequest {
  readonly job: Job;
  readonly jobFile: string;
  readonly binder: JobBinder;
  readonly listing: InputListing;
  readonly read: ReadInput;
}

export interface BoundInput {
  readonly bound: BoundJob;
  readonly columns: readonly Column[];
  readonly layouts: readonly (readonly FileColumn[])[];
  readonly files: readonly (ScannedFile & { readonly layout: number })[];
  /** Sentences for the plan's `notices`. */
  readonly notices: readonly string[];
}

/**
 * Binds the job to the columns of all files and scans their footers. The first file's columns are
 * bound first, so that a mistake in the job is told at once; only where later files change what
 * the job sees is it bound, and are footers read, again.
 * @throws what the binder throws; INPUT_SCHEMA_MISMATCH, INPUT_NOT_PARQUET
 */
export async function bindInput(request: BindInputRequest): Promise<BoundInput> {
  const { job, jobFile, binder, listing, read } = request;
  const { files, partitionColumns } = listing;
  const book = new SchemaBook(binder);
  const bind = (columns: readonly Column[]): Promise<BoundJob> =>
    binder.bindJob({ job, jobFile, columns });
  const maxFooterBytes = parseBytes(job.input.maxFooter ?? MAX_FOOTER_BYTES, 0);
  const scan = (columns: readonly Column[], binding: Binding): Promise<ScannedFile[]> =>
    scanFooters({ read, maxFooterBytes, files, book, columns, partitionColumns, ...binding });

  const firstColumns = await columnsOfFirst(request, book, maxFooterBytes).catch(
    async (error: unknown) => {
      // A pass over all files names those that cannot be read, the first one among them.
      if (BadFiles.holds(error)) await scan([], NOTHING);
      throw error;
    },
  );
  let bound = await bindTentatively(() => bind(firstColumns), files.length > 1);
  let scanned = await scan(firstColumns, bound instanceof ShardmillError ? NOTHING : bound);
  const layouts = layoutsOf(listing, scanned, book);
  const { columns, conflicts } = mergeColumns(withPlainColumns(layouts.counted), partitionColumns);
  if (!isDeepStrictEqual(columns, firstColumns)) {
    const before = bound instanceof ShardmillError ? NOTHING : bound;
    bound = await bind(columns);
    refuseTypeConflicts(conflicts, bound.used);
    if (decides(bound, columns) !== decides(before, firstColumns)) {
      scanned = await scan(columns, bound);
    }
  }
  if (bound instanceof ShardmillError) throw bound;
  refuseTypeConflicts(conflicts, bound.used);
  if (job.input.missingColumns === 'fail') {
    refuseMissingColumns(layouts.counted, partitionColumns, bound.used);
  }
  return {
    bound,
    columns,
    layouts: layouts.counted.map((layout) => layout.columns),
    files: scanned.map((file) => ({ ...file, layout: layouts.indexOf(file.schema) })),
    notices: [...bound.notices, ...columnNotices(scanned)],
  };
}

type Binding = Pick<BoundJob, 'used' | 'predicate'>;
const NOTHING: Binding = { used: [], predicate: { kind: 'unknown' } };

async function columnsOfFirst(
  request: BindInputRequest,
  book: SchemaBook,
  maxFooterBytes: number,
): Promise<readonly Column[]> {
  const { listing, read } = request;
  const [first] = listing.files;
  if (first === undefined) throw new RangeError('the listing has no file');
  const parse = footerParser({ used: [], predicate: [] });
  const schema = await book.indexOf(await readFooter(read, first, parse, maxFooterBytes), first);
  const layout = { columns: plainColumns(book.columnsOf(schema)), path: first.uri };
  return mergeColumns([layout], listing.partitionColumns).columns;
}

/** Faults that the columns of other files may mend. */
const MAY_BE_MENDED: readonly ErrorCode[] = [
  'COLUMN_NOT_FOUND',
  'FEATURE_MISSING',
  'FEATURE_TYPE',
  'FEATURE_COUNT',
  'EXPRESSION_INVALID',
];

async function bindTentatively(
  bind: () => Promise<BoundJob>,
  moreFiles: boolean,
): Promise<BoundJob | ShardmillError> {
  try {
    return await bind();
  } catch (error) {
    const mendable = error instanceof ShardmillError && MAY_BE_MENDED.includes(error.code);
    if (mendable && moreFiles) return error;
    throw error;
  }
}

/** What a scan of footers depends on, as text that can be compared. */
function decides({ used, predicate }: Binding, columns: readonly Column[]): string {
  const types = columns.map(({ name, type }) => [name.toLowerCase(), type]);
  const names = new Set(used.map((name) => name.toLowerCase()));
  const relevant = types.filter(([name]) => name !== undefined && names.has(name));
  return JSON.stringify([used, predicate, relevant], (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}

interface FileLayout extends CountedLayout {
  readonly columns: readonly FileColumn[];
}

function withPlainColumns(layouts: readonly FileLayout[]): CountedLayout[] {
  return layouts.map((layout) => ({ ...layout, columns: plainColumns(layout.columns) }));
}

interface Layouts {
  /** Distinct layouts, in the order of the files. */
  readonly counted: readonly FileLayout[];
  readonly indexOf: (schema: number) => number;
}

/** Schemas that DuckDB sees as the same columns are one layout. */
function layoutsOf(
  { files }: InputListing,
  scanned: readonly ScannedFile[],
  book: SchemaBook,
): Layouts {
  const counted: { columns: readonly FileColumn[]; path: string; files: number }[] = [];
  const byText = new Map<string, number>();
  const bySchema = new Map<number, number>();
  for (const [i, { schema }] of scanned.entries()) {
    let index = bySchema.get(schema);
    if (index === undefined) {
      const columns = book.columnsOf(schema);
      const text = JSON.stringify(columns);
      index =
        byText.get(text) ?? counted.push({ columns, path: files[i]?.uri ?? '', files: 0 }) - 1;
      byText.set(text, index);
      bySchema.set(schema, index);
    }
    const layout = counted[index];
    if (layout !== undefined) layout.files++;
  }
  return {
    counted,
    indexOf: (schema) => {
      const index = bySchema.get(schema);
      if (index === undefined) throw new RangeError(`no schema ${schema}`);
      return index;
    },
  };
}
