import { howToConvert, type InputFile, ShardmillError } from '@shardmill/core';
import type { Glob } from './glob.js';
import type { NameSample } from './name-sample.js';

/** What one of the job's URIs turned out to be. */
export type InputSource =
  | { readonly kind: 'file' | 'folder'; readonly path: string }
  | { readonly kind: 'glob'; readonly path: string; readonly glob: Glob };

/** The files of one URI, in the order of their paths' bytes. */
export interface FoundInput {
  readonly source: InputSource;
  readonly files: readonly InputFile[];
  /** Visible files of its folders that are not read. */
  readonly others: NameSample;
}

/**
 * @param others its visible files, of which none is Parquet.
 * @param hidden how many names begin with `_` or `.`, which were not looked into.
 */
export function emptyFolder(folder: string, others: NameSample, hidden: number): ShardmillError {
  const seen =
    others.count === 0
      ? 'there is no file in this folder and below'
      : `none of ${others.count} files in this folder and below is Parquet: ${others.describe(folder)}`;
  const skipped = hidden === 0 ? '' : ` (${hidden} names that begin with _ or . are not read)`;
  const convertible = others.first.find((name) => howToConvert(name) !== undefined);
  return new ShardmillError('INPUT_EMPTY', `${seen}${skipped}`, {
    where: folder,
    remedy: convertible === undefined ? undefined : howToConvert(convertible),
  });
}

export function inByteOrder(paths: readonly string[]): string[] {
  const keyed = paths.map((text) => ({ text, bytes: Buffer.from(text) }));
  return keyed.toSorted((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ text }) => text);
}
