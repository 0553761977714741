import { type InputFile, ShardmillError } from '@shardmill/core';
import type { Glob } from './glob.js';

/** What one of the job's URIs turned out to be. */
export type InputSource =
  | { readonly kind: 'file' | 'folder'; readonly path: string }
  | { readonly kind: 'glob'; readonly path: string; readonly glob: Glob };

/** The files of one URI, in the order of their paths' bytes. */
export interface FoundInput {
  readonly source: InputSource;
  readonly files: readonly InputFile[];
}

/** What lies in a folder that holds no Parquet. */
export interface Unread {
  /** Visible files of other names. */
  readonly others: number;
  /** Names that begin with `_` or `.`, which were not looked into. */
  readonly hidden: number;
}

export function emptyFolder(folder: string, { others, hidden }: Unread): ShardmillError {
  const seen = others === 0 ? 'no file' : `${others} file${others === 1 ? '' : 's'}, none`;
  const skipped = hidden === 0 ? '' : ` (${hidden} names that begin with _ or . are not read)`;
  return new ShardmillError(
    'INPUT_EMPTY',
    `${seen} ends in .parquet or .parq in this folder and below${skipped}`,
    { where: folder },
  );
}

export function inByteOrder(paths: readonly string[]): string[] {
  const keyed = paths.map((text) => ({ text, bytes: Buffer.from(text) }));
  return keyed.toSorted((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ text }) => text);
}
