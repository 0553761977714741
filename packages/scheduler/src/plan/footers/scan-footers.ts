import {
  type Column,
  type FileColumn,
  type Footer,
  footerParser,
  type InputFile,
  InvariantError,
  type JobBinder,
  mapConcurrent,
  type Predicate,
  type ReadInput,
  readFooter,
  ShardmillError,
} from '@shardmill/core';
import { BadFiles } from './bad-files.js';
import type { ColumnWeights } from './column-weights.js';
import { columnExtent } from './column-extent.js';
import { type ColumnSource, columnSources, rowGroupFacts } from './file-facts.js';
import { type FileSchema, fileSchema } from './file-columns.js';
import { footerFindings } from './footer-findings.js';
import type { ListedFile } from '../list/list-input.js';
import type { NullCounts } from './null-counts.js';
import { mayMatch, predicateColumns } from './prune-row-groups.js';
import type { KeptRowGroup, ScannedFile } from './scanned-file.js';

export interface ScanRequest {
  readonly read: ReadInput;
  readonly maxFooterBytes: number;
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
  /** Where the bytes of some columns in all kept row groups are added up. */
  readonly weights: ColumnWeights;
}

const FOOTERS_AT_ONCE = 32;

/**
 * One pass over all footers: of each, only what the plan needs is kept in memory.
 * @throws INPUT_NOT_PARQUET, INPUT_UNSUPPORTED, INPUT_FOOTER_TOO_LARGE with all files that are so
 */
export async function scanFooters(request: ScanRequest): Promise<ScannedFile[]> {
  const { files, predicate, used, examined, nulls, weights } = request;
  const names = [...new Set([...predicateColumns(predicate), ...examined, ...nulls.columns])];
  const parse = footerParser({ used, predicate: names, weighed: weights.columns });
  const scan = fileScanner(request, names, parse);
  const bad = new BadFiles();
  const scanned = await mapConcurrent(
    files.map((file, index) => ({ file, index })),
    FOOTERS_AT_ONCE,
    async ({ file, index }): Promise<ScannedFile> => {
      try {
        return await scan(file);
      } catch (error) {
        if (!BadFiles.holds(error)) throw error;
        bad.add(index, file.uri, error);
        return UNUSABLE;
      }
    },
  );
  bad.refuse(files.length);
  return scanned;
}

/** In place of a file that is refused when all are known. */
const UNUSABLE: ScannedFile = {
  schema: -1,
  rows: 0,
  rowGroups: 0,
  prunedRowGroups: 0,
  kept: [],
  bytesToRead: 0,
  extents: new Map(),
  notices: [],
};

function fileScanner(
  request: ScanRequest,
  names: readonly string[],
  parse: (bytes: Uint8Array) => Footer,
): (file: ListedFile) => Promise<ScannedFile> {
  const { read, maxFooterBytes, book, predicate, examined, partitionColumns, nulls, weights } =
    request;
  const { columns: canonical } = request;
  const used = new Set(request.used.map((name) => name.toLowerCase()));
  for (const { name } of partitionColumns) used.delete(name.toLowerCase());
  const sources = new Map<number, ReadonlyMap<string, ColumnSource>>();
  return async (file) => {
    const footer = await readFooter(read, file, parse, maxFooterBytes);
    const schema = await book.indexOf(footer, file);
    const known = book.schemaOf(schema);
    let facts = sources.get(schema);
    if (facts === undefined) {
      const layout = known.columns;
      facts = columnSources(names, footer.schema, { canonical, layout, partitionColumns });
      sources.set(schema, facts);
    }
    const sourcesHere = facts;
    const extents = new Map(
      examined.map((name) => [name, columnExtent(footer, sourcesHere.get(name))]),
    );
    const keeping = keep(footer, predicate, facts, file.partition);
    const groups = keeping.kept.flatMap(({ index }) => footer.rowGroups[index] ?? []);
    const { unsupported, notices } = footerFindings(footer, known, used, groups);
    if (unsupported !== undefined) throw new ShardmillError('INPUT_UNSUPPORTED', unsupported);
    for (const group of nulls.columns.length === 0 ? [] : groups) {
      nulls.add(group, facts, file.partition);
    }
    for (const group of weights.columns.length === 0 ? [] : groups) {
      weights.add(group, footer.schema);
    }
    return { schema, ...keeping, extents, notices };
  };
}

/** The distinct schemas of a run's files; each is described once, by the first file that has it. */
export class SchemaBook {
  readonly #binder: Pick<JobBinder, 'describeInput'>;
  readonly #known = new Map<string, Promise<number>>();
  readonly #schemas: FileSchema[] = [];

  constructor(binder: Pick<JobBinder, 'describeInput'>) {
    this.#binder = binder;
  }

  /** The index of a footer's schema; queries the engine for one that was not seen before. */
  indexOf(
    footer: Pick<Footer, 'fingerprint' | 'schema' | 'calendar'>,
    file: InputFile,
  ): Promise<number> {
    let index = this.#known.get(footer.fingerprint);
    if (index === undefined) {
      index = this.#binder
        .describeInput(file)
        .then((columns) => this.#schemas.push(fileSchema(columns, footer)) - 1);
      this.#known.set(footer.fingerprint, index);
    }
    return index;
  }

  columnsOf(index: number): readonly FileColumn[] {
    return this.schemaOf(index).columns;
  }

  schemaOf(index: number): FileSchema {
    const schema = this.#schemas[index];
    if (schema === undefined) throw new InvariantError(`no schema ${index}`);
    return schema;
  }
}

function keep(
  footer: Footer,
  predicate: Predicate,
  sources: ReadonlyMap<string, ColumnSource>,
  partition: readonly (string | null)[],
): Omit<ScannedFile, 'schema' | 'extents' | 'notices'> {
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
