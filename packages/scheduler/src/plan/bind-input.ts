import { isDeepStrictEqual } from 'node:util';
import {
  type BoundJob,
  type Column,
  type ErrorCode,
  type FileColumn,
  footerParser,
  InvariantError,
  type Job,
  type JobBinder,
  MAX_FOOTER_BYTES,
  NULL_TYPE,
  parseBytes,
  type ReadInput,
  readFooter,
  ShardmillError,
  storedIndexes,
} from '@shardmill/core';
import { BadFiles } from './footers/bad-files.js';
import {
  type CountedLayout,
  refuseAmbiguousColumns,
  refuseMissingColumns,
  refuseTypeConflicts,
} from './columns/check-columns.js';
import { checkConversions } from './columns/check-conversions.js';
import { plainColumns } from './footers/file-columns.js';
import { ColumnWeights } from './footers/column-weights.js';
import { columnNotices } from './footers/footer-findings.js';
import type { InputListing } from './list/list-input.js';
import { rejectingColumns } from './columns/forecast-rejects.js';
import { type Layout, type MergedColumns, mergeColumns } from './columns/merge-columns.js';
import { tableColumns } from './columns/table-columns.js';
import { NullCounts } from './footers/null-counts.js';
import { predicateColumns } from './footers/prune-row-groups.js';
import { SchemaBook, scanFooters } from './footers/scan-footers.js';
import type { ScannedFile } from './footers/scanned-file.js';

/** What is bound to the columns of the input, as far as the input itself depends on it. */
export type BoundColumns = Pick<
  BoundJob,
  'used' | 'predicate' | 'plain' | 'rounded' | 'columnUse' | 'notices'
>;

export interface BindInputRequest<B extends BoundColumns> {
  readonly job: {
    readonly input: Pick<Job['input'], 'maxFooter' | 'missingColumns' | 'where'>;
    readonly nulls: Job['nulls'];
    readonly output: Pick<Job['output'], 'targetFileBytes' | 'passThrough'>;
  };
  /** Binds to columns of the input, partition columns included. */
  readonly bind: (columns: readonly Column[]) => Promise<B>;
  readonly describeInput: JobBinder['describeInput'];
  readonly listing: Omit<InputListing, 'notices'>;
  readonly read: ReadInput;
}

export interface BoundInput<B extends BoundColumns = BoundJob> {
  readonly bound: B;
  readonly columns: readonly Column[];
  readonly layouts: readonly (readonly FileColumn[])[];
  readonly files: readonly (ScannedFile & { readonly layout: number })[];
  /** Nulls of the features' columns, as far as they decide about rows. */
  readonly nulls: NullCounts;
  /** Bytes of the columns that the output hands on, where the job says how large files are to be. */
  readonly weights: ColumnWeights;
  /** Sentences for the plan's `notices`. */
  readonly notices: readonly string[];
}

/**
 * Binds the job to the columns of all files and scans their footers. The first file's columns are
 * bound first, so that a mistake in the job is reported at once; only where later files change what
 * the job sees is it bound, and are footers read, again.
 * @throws what the binder throws; INPUT_SCHEMA_MISMATCH, INPUT_NOT_PARQUET
 */
export async function bindInput<B extends BoundColumns>(
  request: BindInputRequest<B>,
): Promise<BoundInput<B>> {
  const { job, bind, listing, read } = request;
  const { files, partitionColumns } = listing;
  const book = new SchemaBook(request);
  const maxFooterBytes = parseBytes(job.input.maxFooter ?? MAX_FOOTER_BYTES, 0);
  let nulls = new NullCounts([]);
  let weights = new ColumnWeights([]);
  const scan = (columns: readonly Column[], binding: Binding): Promise<ScannedFile[]> => {
    nulls = new NullCounts(rejectingColumns(binding.plain, job, files.length));
    weights = new ColumnWeights(job.output.targetFileBytes === undefined ? [] : binding.handedOn);
    return scanFooters({
      read,
      maxFooterBytes,
      files,
      book,
      columns,
      partitionColumns,
      nulls,
      weights,
      ...binding,
    });
  };

  const firstColumns = await columnsOfFirst(request, book, maxFooterBytes).catch(
    async (error: unknown) => {
      // A pass over all files names those that cannot be read, the first one among them.
      if (BadFiles.holds(error)) await scan([], NOTHING_BOUND);
      throw error;
    },
  );
  let bound = await bindTentatively(() => bind(firstColumns), files.length > 1);
  let scanned = await scan(firstColumns, bindingOf(bound));
  let layouts = layoutsOf(listing, scanned, book);
  let merged = mergeInput(withPlainColumns(layouts.counted), listing);
  const { drifting } = merged;
  if (matters(drifting, bound, job)) {
    // A column without a value in some files has the type of the others: their statistics show which.
    scanned = await scan(merged.columns, bindingOf(bound, drifting));
    layouts = layoutsOf(listing, scanned, book, merged);
    merged = mergeInput(withPlainColumns(layouts.counted), listing);
  }
  const { columns, conflicts, ambiguous } = merged;
  if (!isDeepStrictEqual(columns, firstColumns)) {
    const before = bindingOf(bound, drifting);
    bound = await bind(columns);
    refuseTypeConflicts(conflicts, bound.used);
    const after = bindingOf(bound, drifting);
    if (decides(after, columns) !== decides(before, firstColumns)) {
      scanned = await scan(columns, after);
    }
  }
  if (bound instanceof ShardmillError) throw bound;
  refuseTypeConflicts(conflicts, bound.used);
  refuseAmbiguousColumns(ambiguous, bound.used);
  if (job.input.missingColumns === 'fail' && listing.table === undefined) {
    refuseMissingColumns(layouts.counted, columns, partitionColumns, bound.used);
  }
  const placed = scanned.map((file, index) => ({ ...file, layout: layouts.of(index) }));
  return {
    bound,
    columns,
    layouts: layouts.counted.map((layout) => layout.columns),
    files: placed,
    nulls,
    weights,
    notices: [
      ...bound.notices,
      ...columnNotices(scanned),
      ...checkConversions({ bound, columns, layouts: layouts.counted, files: placed }),
    ],
  };
}

type Binding = Pick<BoundJob, 'used' | 'predicate' | 'plain'> & {
  readonly examined: readonly string[];
  /** Columns of the input that are output columns as they are. */
  readonly handedOn: readonly string[];
};

const NOTHING_BOUND: Binding = {
  used: [],
  predicate: { kind: 'unknown' },
  plain: [],
  examined: [],
  handedOn: [],
};

function bindingOf(
  bound: BoundColumns | ShardmillError,
  drifting: readonly string[] = [],
): Binding {
  if (bound instanceof ShardmillError) {
    return { ...NOTHING_BOUND, examined: drifting };
  }
  const { used, predicate, plain, rounded, columnUse } = bound;
  return {
    used,
    predicate,
    plain,
    examined: [...new Set([...drifting, ...rounded.map(({ column }) => column)])],
    handedOn:
      columnUse?.outputs.flatMap(({ plain: whole, columns }) => (whole ? columns : [])) ?? [],
  };
}

/** Whether columns whose types differ are used, or may be once the job can be bound. */
function matters(
  drifting: readonly string[],
  bound: BoundColumns | ShardmillError,
  { output }: BindInputRequest<BoundColumns>['job'],
): boolean {
  if (drifting.length === 0) return false;
  if (bound instanceof ShardmillError || output.passThrough === '*') return true;
  return drifting.some((name) => bound.used.includes(name));
}

async function columnsOfFirst(
  request: Pick<BindInputRequest<BoundColumns>, 'listing' | 'read'>,
  book: SchemaBook,
  maxFooterBytes: number,
): Promise<readonly Column[]> {
  const { listing, read } = request;
  const [first] = listing.files;
  if (first === undefined) throw new InvariantError('the listing has no file');
  const parse = footerParser({ used: [], predicate: [] });
  const schema = await book.indexOf(await readFooter(read, first, parse, maxFooterBytes), first);
  const layout = { columns: plainColumns(book.columnsOf(schema)), path: first.uri, rows: 1 };
  return mergeInput([layout], listing).columns;
}

/** The columns that the job sees: those of the files together, or of the table that they are of. */
function mergeInput(
  layouts: readonly Layout[],
  { partitionColumns, table, sources }: Omit<InputListing, 'notices'>,
): MergedColumns {
  const merged = mergeColumns(layouts, partitionColumns);
  if (table === undefined) return merged;
  return tableColumns(merged, table.columns, partitionColumns, sources[0]?.path ?? '');
}

/** Faults that may vanish with the columns of other files. */
const MAY_VANISH: readonly ErrorCode[] = [
  'COLUMN_NOT_FOUND',
  'FEATURE_MISSING',
  'FEATURE_TYPE',
  'FEATURE_COUNT',
  'EXPRESSION_INVALID',
];

async function bindTentatively<B>(
  bind: () => Promise<B>,
  moreFiles: boolean,
): Promise<B | ShardmillError> {
  try {
    return await bind();
  } catch (error) {
    const mayVanish = error instanceof ShardmillError && MAY_VANISH.includes(error.code);
    if (mayVanish && moreFiles) return error;
    throw error;
  }
}

/** What a scan of footers depends on, as text that can be compared. */
function decides(
  { used, predicate, plain, examined, handedOn }: Binding,
  columns: readonly Column[],
): string {
  const names = new Set(predicateColumns(predicate));
  const relevant = columns.filter(({ name }) => names.has(name));
  return JSON.stringify(
    [used, predicate, plain, relevant, examined, handedOn],
    (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
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
  /** The layout of a file, by its index. */
  readonly of: (file: number) => number;
}

const NOTHING_MERGED = { columns: [], drifting: [] };

/**
 * Schemas that DuckDB sees as the same columns are one layout, as far as the same of the drifting
 * columns are without a value.
 */
function layoutsOf(
  { files }: Pick<InputListing, 'files'>,
  scanned: readonly ScannedFile[],
  book: SchemaBook,
  { columns: merged, drifting }: Pick<MergedColumns, 'columns' | 'drifting'> = NOTHING_MERGED,
): Layouts {
  const counted: {
    columns: readonly FileColumn[];
    path: string;
    files: number;
    rows: number;
  }[] = [];
  const byText = new Map<string, number>();
  const byKey = new Map<string, number>();
  const indexes = scanned.map(({ schema, rows, extents }, i) => {
    const empty = rows === 0 ? [] : drifting.filter((name) => extents.get(name)?.allNull === true);
    const key = JSON.stringify([schema, empty]);
    let index = byKey.get(key);
    if (index === undefined) {
      const columns = withoutValues(book.columnsOf(schema), empty, merged);
      const text = JSON.stringify(columns);
      index =
        byText.get(text) ??
        counted.push({ columns, path: files[i]?.uri ?? '', files: 0, rows: 0 }) - 1;
      byText.set(text, index);
      byKey.set(key, index);
    }
    const layout = counted[index];
    if (layout !== undefined) {
      layout.files++;
      layout.rows += rows;
    }
    return index;
  });
  return {
    counted,
    of: (file) => {
      const index = indexes[file];
      if (index === undefined) throw new InvariantError(`no file ${file}`);
      return index;
    },
  };
}

/** A file's columns, with `NULL_TYPE` for those that are null in every row. */
function withoutValues(
  columns: readonly FileColumn[],
  empty: readonly string[],
  merged: readonly Column[],
): readonly FileColumn[] {
  if (empty.length === 0) return columns;
  const stored = storedIndexes(columns, merged);
  const indexes = new Set(empty.map((name) => stored.get(name)));
  return columns.map((column, index) =>
    indexes.has(index) ? { name: column.name, type: NULL_TYPE } : column,
  );
}
