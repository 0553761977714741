import { open } from 'node:fs/promises';
import path from 'node:path';
import {
  type Footer,
  footerParser,
  inputCopier,
  inputReader,
  type InputFile,
  isS3,
  mapConcurrent,
  type Stores,
} from '@shardmill/core';
import { RequestLimit } from './request-limit.js';
import { SparseFile } from './sparse-file.js';
import { makeWorkFolder } from './work-folder.js';

/** Files of which the footers can be read on this machine. */
export interface StagedFooters {
  /** Paths in the order of the files. */
  readonly paths: readonly string[];
  /**
   * A file of which the first row group can be read, too: undefined where all rows of all files can
   * be, null where there is no row or too much to fetch.
   */
  readonly sampleFile: () => Promise<string | null | undefined>;
}

const FOOTERS_AT_ONCE = 32;
const BYTES_AT_ONCE = 64 * 1024 * 1024;
/** Bytes of one request for a whole file. */
const COPY_BYTES = 8 * 1024 * 1024;
/** Whole files that are copied at once. */
const COPIES_AT_ONCE = 8;
/** A row group that is larger is not fetched for a sample of a few rows. */
const MAX_SAMPLE_BYTES = 64 * 1024 * 1024;

/** Makes footers readable for DuckDB, which reads files only. */
export class FooterStager {
  constructor(
    readonly cacheFolder: string,
    readonly stores: Stores,
  ) {}

  /** A whole file on this machine: a local one where it is, of others a copy, which is gone afterwards. */
  async lendWhole<T>(file: InputFile, use: (path: string) => Promise<T>): Promise<T> {
    return this.lendAll([file], ([path = '']) => use(path));
  }

  /** Whole files, of which copies keep their names. */
  async lendAll<T>(
    files: readonly InputFile[],
    use: (paths: readonly string[]) => Promise<T>,
  ): Promise<T> {
    if (!files.some(({ uri }) => isS3(uri))) return use(files.map(({ uri }) => uri));
    const folder = await makeWorkFolder(path.join(this.cacheFolder, 'work'));
    try {
      const paths = await mapConcurrent(files, COPIES_AT_ONCE, async (file) => {
        if (!isS3(file.uri)) return file.uri;
        const target = path.join(folder.path, path.posix.basename(file.uri));
        await this.#copy(file, target);
        return target;
      });
      return await use(paths);
    } finally {
      await folder.remove();
    }
  }

  async #copy({ uri, bytes, etag }: InputFile, path: string): Promise<void> {
    const { store, key } = this.stores.objectAt(uri);
    const target = await open(path, 'wx');
    try {
      for (let start = 0; start < bytes; start += COPY_BYTES) {
        const end = Math.min(bytes, start + COPY_BYTES);
        await target.writeFile(await store.readRange(key, start, end, etag));
      }
    } finally {
      await target.close();
    }
  }

  /**
   * These columns of files, all rows of them: local files where they are, of others a sparse copy,
   * which is gone afterwards.
   * @param columns of the top level; any case.
   */
  async lendColumns<T>(
    files: readonly InputFile[],
    columns: readonly string[],
    use: (paths: readonly string[]) => Promise<T>,
  ): Promise<T> {
    if (!files.some(({ uri }) => isS3(uri))) return use(files.map(({ uri }) => uri));
    const folder = await makeWorkFolder(path.join(this.cacheFolder, 'work'));
    try {
      const parse = footerParser({ used: [], predicate: [], chunks: columns });
      const [read, copy] = [inputReader(this.stores), inputCopier(this.stores)];
      const limit = new RequestLimit(FOOTERS_AT_ONCE, BYTES_AT_ONCE);
      const { signal } = new AbortController();
      const paths = await mapConcurrent(files, FOOTERS_AT_ONCE, async (file, index) => {
        if (!isS3(file.uri)) return file.uri;
        const target = path.join(folder.path, `${index}.parquet`);
        const sparse = new SparseFile({ file, path: target, read, copy, parse, limit, signal });
        await sparse.stage([{ firstRowGroup: 0, rowGroups: Infinity }]);
        return target;
      });
      return await use(paths);
    } finally {
      await folder.remove();
    }
  }

  /** Local files are lent where they are, of others a copy of the footer, which is gone afterwards. */
  async lend<T>(
    files: readonly InputFile[],
    use: (staged: StagedFooters) => Promise<T>,
  ): Promise<T> {
    if (!files.some(({ uri }) => isS3(uri))) {
      return use({ paths: files.map(({ uri }) => uri), sampleFile: async () => undefined });
    }
    const folder = await makeWorkFolder(path.join(this.cacheFolder, 'work'));
    try {
      const footers: (Footer | undefined)[] = [];
      const parseAll = footerParser({ used: [], predicate: [], chunks: 'all' });
      const [read, copy] = [inputReader(this.stores), inputCopier(this.stores)];
      const limit = new RequestLimit(FOOTERS_AT_ONCE, BYTES_AT_ONCE);
      const { signal } = new AbortController();
      const staged = files.map((file, index) => {
        const parse = (bytes: Uint8Array): Footer => (footers[index] = parseAll(bytes));
        const target = path.join(folder.path, `${index}.parquet`);
        return new SparseFile({ file, path: target, read, copy, parse, limit, signal });
      });
      await mapConcurrent(staged, FOOTERS_AT_ONCE, async (file) => {
        if (isS3(file.options.file.uri)) await file.stage([]);
      });
      const pathOf = ({ options: { file, path: target } }: SparseFile): string =>
        isS3(file.uri) ? target : file.uri;
      return await use({
        paths: staged.map(pathOf),
        sampleFile: async () => {
          for (const [index, file] of staged.entries()) {
            const group = footers[index]?.rowGroups.findIndex(({ rows }) => rows > 0) ?? -1;
            if (group < 0) continue;
            const chunks = footers[index]?.rowGroups[group]?.chunks ?? [];
            const bytes = chunks.reduce((sum, { start, end }) => sum + end - start, 0);
            if (bytes > MAX_SAMPLE_BYTES) return null;
            await file.stage([{ firstRowGroup: group, rowGroups: 1 }]);
            return pathOf(file);
          }
          return null;
        },
      });
    } finally {
      await folder.remove();
    }
  }
}
