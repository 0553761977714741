/** What Shardmill needs of object storage. Keys are relative to the store's root, with `/`. */
export interface ObjectStore {
  /** The location, without a trailing slash: an absolute path, or `s3://bucket/prefix`. */
  readonly uri: string;

  /** The full location of a key, as messages and manifests name it. */
  locate(key: string): string;

  /** @returns undefined where there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>;

  /** Bytes `[start, end)` of an object; `etag` refuses another content with INPUT_CHANGED. */
  readRange(key: string, start: number, end: number, etag?: string): Promise<Uint8Array>;

  /**
   * As `readRange`, but handed to `write` as it arrives, without the whole range in memory.
   * @throws what `write` throws, which ends the request and is not repeated.
   */
  copyRange(
    key: string,
    range: ByteRange,
    etag: string | undefined,
    write: WritePieces,
  ): Promise<void>;

  /** The whole object, or undefined where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;

  /**
   * A finished local file with an object's content, or undefined where there is no object: the
   * object itself where it is local, else a copy in `folder`. `release` gives it back.
   */
  localCopy(key: string, folder: string): Promise<LocalCopy | undefined>;

  /** Objects whose keys begin with `prefix`, in order of their keys. */
  list(prefix: string): AsyncIterable<ObjectInfo>;

  /**
   * Creates an object; never overwrites one. Atomic: the object is there whole or not at all.
   * An answer that leaves it open whether the object was created (a time-out, a lost connection, a
   * 409 or 5xx) is resolved by looking, never by assuming.
   * @returns `exists` if an object of that key is there already, whatever it holds.
   * @throws OUTPUT_NOT_WRITABLE, DISK_FULL, STORE_UNSUPPORTED, STORE_DENIED, STORE_UNREACHABLE
   */
  create(key: string, content: ObjectContent): Promise<'created' | 'exists'>;

  /**
   * Replaces or creates an object, atomically. Only for `_SUCCESS`, for hints that decide nothing, and for files that a
   * user names to be written.
   */
  replace(key: string, content: Uint8Array): Promise<void>;

  /** Deletes an object if it is there. */
  delete(key: string): Promise<void>;

  close(): Promise<void>;
}

/** Bytes `[start, end)` of a file or an object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Takes the next bytes of a range, `offset` bytes from its start: in order, one call after the other, and from the
 * start again where a request is repeated.
 */
export type WritePieces = (pieces: readonly Uint8Array[], offset: number) => Promise<void>;

export interface LocalCopy {
  readonly path: string;
  release(): Promise<void>;
}

export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** When it was written, in milliseconds since 1970; undefined where the store does not say. */
  readonly modifiedMs?: number | undefined;
}

/** Bytes, or a finished local file (which the store may take over: it is gone afterwards). */
export type ObjectContent = Uint8Array | { readonly path: string };
