import path from 'node:path';
import {
  type CopyInput,
  footerParser,
  isS3,
  type PlannedPart,
  type PlannedShard,
  type ReadInput,
  type Scoring,
  ShardmillError,
} from '@shardmill/core';
import type { InputFiles, ShardFiles } from './input-files.js';
import { RequestLimit } from './request-limit.js';
import { SparseFile } from './sparse-file.js';
import { makeWorkFolder, type WorkFolder } from './work-folder.js';

/** Limit for all shards of an engine together. */
const REQUESTS_AT_ONCE = 32;
const BYTES_AT_ONCE = 64 * 1024 * 1024;

/**
 * Input in object storage: of each object the footer and the column chunks that the parts of a
 * shard need are fetched, each once, into a sparse file. Every request names the planned ETag, and
 * what was fetched cannot change any more: nothing is left to check after a part.
 */
export class SparseInputs implements InputFiles {
  readonly #limit = new RequestLimit(REQUESTS_AT_ONCE, BYTES_AT_ONCE);
  readonly #columns: readonly string[];

  constructor(
    { input }: Pick<Scoring, 'input'>,
    /** Holds a folder for each shard that is open. */
    readonly folder: string,
    readonly read: ReadInput,
    readonly copy: CopyInput,
  ) {
    const partition = new Set(input.partitionColumns.map(({ name }) => name));
    this.#columns = input.used.filter((name) => !partition.has(name));
  }

  open(shard: PlannedShard, signal: AbortSignal): ShardFiles {
    return new SparseShard(shard, {
      folder: this.folder,
      columns: this.#columns,
      read: this.read,
      copy: this.copy,
      limit: this.#limit,
      signal,
    });
  }
}

interface SparseShardOptions {
  readonly folder: string;
  readonly columns: readonly string[];
  readonly read: ReadInput;
  readonly copy: CopyInput;
  readonly limit: RequestLimit;
  readonly signal: AbortSignal;
}

class SparseShard implements ShardFiles {
  #folder: Promise<WorkFolder> | undefined;
  readonly #files = new Map<number, SparseFile>();
  readonly #parse;
  readonly #read: ReadInput;
  readonly #copy: CopyInput;
  readonly #aborted: Promise<never>;

  constructor(
    readonly shard: PlannedShard,
    readonly options: SparseShardOptions,
  ) {
    this.#parse = footerParser({ used: [], predicate: [], chunks: options.columns });
    this.#read = (file, start, end) => options.read(file, start, end).catch(goneIsChanged);
    this.#copy = (file, range, write) => options.copy(file, range, write).catch(goneIsChanged);
    const { signal } = options;
    this.#aborted = new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    this.#aborted.catch(() => {});
  }

  readonly pathOf = (uri: string): string => {
    const index = this.shard.files.findIndex((file) => file.uri === uri);
    return this.#files.get(index)?.options.path ?? uri;
  };

  stage(part: PlannedPart): Promise<number> {
    // A request whose result is not wanted any more is not waited for, however often it is retried.
    return Promise.race([this.#stage(part), this.#aborted]);
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {
    const folder = await this.#folder?.catch(() => undefined);
    // A request in flight may still write to it: what is left then is removed by the next process.
    await folder?.remove().catch(() => {});
  }

  async #stage(part: PlannedPart): Promise<number> {
    this.options.signal.throwIfAborted();
    this.#folder ??= makeWorkFolder(this.options.folder);
    const { path: folder } = await this.#folder;
    const staging = slicesByFile(part).map(
      async ([index, slices]) => (await this.#fileAt(index, folder)?.stage(slices)) ?? 0,
    );
    return (await Promise.all(staging)).reduce((sum, bytes) => sum + bytes, 0);
  }

  /** @returns undefined where the file is local. */
  #fileAt(index: number, folder: string): SparseFile | undefined {
    const file = this.shard.files[index];
    if (file === undefined || !isS3(file.uri)) return undefined;
    const known = this.#files.get(index);
    if (known !== undefined) return known;
    const { limit, signal } = this.options;
    const sparse = new SparseFile({
      file,
      path: path.join(folder, `${index}.parquet`),
      read: this.#read,
      copy: this.#copy,
      parse: this.#parse,
      limit,
      signal,
    });
    this.#files.set(index, sparse);
    return sparse;
  }
}

function slicesByFile({ slices }: PlannedPart): [number, PlannedPart['slices']][] {
  const byFile = new Map<number, PlannedPart['slices']>();
  for (const slice of slices) byFile.set(slice.file, [...(byFile.get(slice.file) ?? []), slice]);
  return [...byFile];
}

/** An object that was planned and is gone has changed. */
function goneIsChanged(error: unknown): never {
  if (!(error instanceof ShardmillError) || error.code !== 'INPUT_NOT_FOUND') throw error;
  throw new ShardmillError('INPUT_CHANGED', 'the object is gone', { where: error.where });
}
