import {
  type Column,
  type Footer,
  footerParser,
  type InputFile,
  type JobBinder,
  mapConcurrent,
  type Predicate,
  type ReadInput,
  readFooter,
} from '@shardmill/core';
import { type ColumnExtent, columnExtent } from './column-extent.js';
import { type ColumnSource, columnSources, rowGroupFacts } from './file-facts.js';
import type { ListedFile } from './list-input.js';
import type { NullCounts } from './null-counts.js';
import { mayMatch, predicateColumns } from './prune-row-groups.js';
import type { KeptRowGroup } from './split-shards.js';

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
}

export interface ScanRequest {
  readonly read: ReadInput;
  readonly files: readonly ListedFile[];
  readonly book: SchemaBook;
  readonly columns: readonly Column[];
  readonly partitionColumns: readonly Column[];
  readonly used: readonly string[];
  readonly predicate: Predicate;
  /** Columns of which the extent is wanted. */
  readonly examined: readonly string[];
  /** Where the nulls of all kept row groups are added up. */
  readonly nulls: NullCounts;
}

const FOOTERS_AT_ONCE = 32;

/** One pass over all footers: of each, only what the plan needs is kept in memory. */
export async function scanFooters(request: ScanRequest): Promise<ScannedFile[]> {
  const { read, files, book, used, predicate, examined, partitionColumns } = request;
  const { columns: canonical } = request;
  const { nulls } = request;
  const names = [...new Set([...predicateColumns(predicate), ...examined, ...nulls.columns])];
  const parse = footerParser({ used, predicate: names });
  const sources = new Map<number, ReadonlyMap<string, ColumnSource>>();
  return mapConcurrent(files, FOOTERS_AT_ONCE, async (file): Promise<ScannedFile> => {
    const footer = await readFooter(read, file, parse);
    const schema = await book.indexOf(footer, file);
    let known = sources.get(schema);
    if (known === undefined) {
      const layout = book.columnsOf(schema);
      known = columnSources(names, footer.schema, { canonical, layout, partitionColumns });
      sources.set(schema, known);
    }
    const sourcesHere = known;
    const extents = new Map(
      examined.map((name) => [name, columnExtent(footer, sourcesHere.get(name))]),
    );
    const kept = keep(footer, predicate, known, file.partition);
    for (const { index } of nulls.columns.length === 0 ? [] : kept.kept) {
      const rowGroup = footer.rowGroups[index];
      if (rowGroup !== undefined) nulls.add(rowGroup, known, file.partition);
    }
    return { schema, ...kept, extents };
  });
}

/** The distinct schemas of a run's files; each is described once, by the first file that has it. */
export class SchemaBook {
  readonly #binder: Pick<JobBinder, 'describeInput'>;
  readonly #known = new Map<string, Promise<number>>();
  readonly #columns: (readonly Column[])[] = [];

  constructor(binder: Pick<JobBinder, 'describeInput'>) {
    this.#binder = binder;
  }

  /** The index of a footer's schema; asks the engine about one that was not seen before. */
  indexOf(footer: Pick<Footer, 'fingerprint'>, file: InputFile): Promise<number> {
    let index = this.#known.get(footer.fingerprint);
    if (index === undefined) {
      index = this.#binder.describeInput(file).then((columns) => this.#columns.push(columns) - 1);
      this.#known.set(footer.fingerprint, index);
    }
    return index;
  }

  columnsOf(index: number): readonly Column[] {
    const columns = this.#columns[index];
    if (columns === undefined) throw new RangeError(`no schema ${index}`);
    return columns;
  }
}

function keep(
  footer: Footer,
  predicate: Predicate,
  sources: ReadonlyMap<string, ColumnSource>,
  partition: readonly (string | null)[],
): Omit<ScannedFile, 'schema' | 'extents'> {
  const kept: KeptRowGroup[] = [];
  let [firstRow, bytesToRead, prunedRowGroups] = [0, 0, 0];
  for (const [index, rowGroup] of footer.rowGroups.entries()) {
    const { rows } = rowGroup;
    if (rows === 0) continue;
    if (mayMatch(predicate, rowGroupFacts(rowGroup, sources, partition))) {
      kept.push({ index, firstRow, rows });
      bytesToRead += rowGroup.bytes;
    } else prunedRowGroups++;
    firstRow += rows;
  }
  const rowGroups = footer.rowGroups.length;
  return { rows: footer.rows, rowGroups, prunedRowGroups, kept, bytesToRead };
}
