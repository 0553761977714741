import type { ByteRange, WritePieces } from './object-store.js';
import { KeptReads } from './kept-reads.js';
import { isS3 } from './location.js';
import type { Stores } from './stores.js';

/** A file of the input with the identity that its content had when it was listed. */
export interface InputFile {
  /** Absolute path, or `s3://bucket/key`. */
  readonly uri: string;
  readonly bytes: number;
  readonly etag: string;
  /** Of a listing: when it was written, in milliseconds since 1970. */
  readonly modifiedMs?: number | undefined;
}

/** Bytes `[start, end)` of a file. @throws INPUT_CHANGED where it has another content now */
export type ReadInput = (file: InputFile, start: number, end: number) => Promise<Uint8Array>;

/** Hands bytes `[start, end)` of a file to `write`. @throws as `ReadInput`, and what `write` throws */
export type CopyInput = (file: InputFile, range: ByteRange, write: WritePieces) => Promise<void>;

/** Copies from files wherever they are. */
export function inputCopier(stores: Stores): CopyInput {
  return ({ uri, etag }, range, write) => {
    const { store, key } = stores.objectAt(uri);
    return store.copyRange(key, range, etag, write);
  };
}

/** Reads files wherever they are. */
export function inputReader(stores: Stores): ReadInput {
  return ({ uri, etag }, start, end) => {
    const { store, key } = stores.objectAt(uri);
    return store.readRange(key, start, end, etag);
  };
}

/** The same for a plan, which reads the footer of a first file twice: small pieces of objects in S3 are kept. */
export function planReader(stores: Stores): ReadInput {
  const [read, kept] = [inputReader(stores), new KeptReads()];
  return (file, start, end) => {
    const get = (): Promise<Uint8Array> => read(file, start, end);
    const { uri, etag } = file;
    return isS3(uri) ? kept.read(`${uri} ${etag} ${start}-${end}`, get) : get();
  };
}
