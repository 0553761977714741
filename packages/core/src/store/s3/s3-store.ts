import { randomBytes } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../make-folder.js';
import { ShardmillError } from '../../errors/shardmill-error.js';
import { storageError } from '../file-identity.js';
import type {
  ByteRange,
  LocalCopy,
  ObjectContent,
  ObjectInfo,
  ObjectStore,
  WritePieces,
} from '../object-store.js';
import { createOnce } from './create-once.js';
import { download } from './download.js';
import { RequestFailed } from './request-failed.js';
import type { S3Connection } from './s3-connection.js';
import { S3Requests } from './s3-requests.js';
import { storeError } from './store-error.js';
import { type UploadBody, uploadBody } from './upload-body.js';

/** S3 takes no more in a single PUT. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;

/**
 * A bucket, or a prefix of one, as an object store. Every object is created by a single PUT with a
 * condition: not all stores keep conditions on uploads in several pieces.
 */
export class S3Store implements ObjectStore {
  readonly uri: string;
  readonly #requests: S3Requests;

  constructor(
    readonly connection: S3Connection,
    readonly bucket: string,
    readonly prefix: string,
  ) {
    this.uri = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.#requests = new S3Requests(connection, bucket);
  }

  locate(key: string): string {
    return `${this.uri}/${key}`;
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const found = await this.#try(key, 'read', () => this.#requests.head(this.#full(key)));
    if (found === undefined) return undefined;
    const { bytes, etag, modifiedMs } = found;
    return { key, bytes, etag, modifiedMs };
  }

  async readRange(key: string, start: number, end: number, etag?: string): Promise<Uint8Array> {
    if (end <= start) return new Uint8Array();
    const full = this.#full(key);
    const content = await this.#try(key, 'read', async () => {
      try {
        return await this.#requests.get(full, { start, end }, etag);
      } catch (error) {
        if (!isClass(error, 'out-of-range')) throw error;
        return { bytes: new Uint8Array(), etag: (await this.#requests.head(full))?.etag };
      }
    });
    this.#requireEtag(key, content.etag, etag);
    return content.bytes;
  }

  async copyRange(
    key: string,
    range: ByteRange,
    etag: string | undefined,
    write: WritePieces,
  ): Promise<void> {
    const full = this.#full(key);
    // A failure of the writer is none of the request, which would be repeated.
    let failure: { readonly error: unknown } | undefined;
    const found = await this.#try(key, 'read', async () => {
      try {
        return await this.#requests.copy(full, range, etag, async (pieces, offset) => {
          try {
            await write(pieces, offset);
          } catch (error) {
            failure = { error };
            throw error;
          }
        });
      } catch (error) {
        if (failure !== undefined) return undefined;
        if (!isClass(error, 'out-of-range')) throw error;
        return (await this.#requests.head(full))?.etag;
      }
    });
    if (failure !== undefined) throw failure.error;
    this.#requireEtag(key, found, etag);
  }

  /** The answer of a store that ignores If-Match shows that it is another content. */
  #requireEtag(key: string, found: string | undefined, etag: string | undefined): void {
    if (etag === undefined || found === etag) return;
    throw new ShardmillError(
      'INPUT_CHANGED',
      `the object is not the one that was planned: its ETag is ${found}, not ${etag}`,
      { where: this.locate(key) },
    );
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    return this.#try(key, 'read', async () => {
      try {
        return (await this.#requests.get(this.#full(key))).bytes;
      } catch (error) {
        if (isClass(error, 'missing')) return undefined;
        throw error;
      }
    });
  }

  async localCopy(key: string, folder: string): Promise<LocalCopy | undefined> {
    const info = await this.head(key);
    if (info === undefined) return undefined;
    const target = path.join(folder, randomBytes(8).toString('hex') + path.extname(key));
    try {
      await makeFolder(folder);
      await download(info.bytes, target, (range, write) =>
        this.copyRange(key, range, info.etag, write),
      );
      const { size } = await stat(target);
      if (size !== info.bytes) throw new Error(`${size} bytes were written of ${info.bytes}`);
    } catch (error) {
      await rm(target, { force: true });
      throw storageError(error, target, 'write');
    }
    return { path: target, release: () => rm(target, { force: true }) };
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const full = this.#full(prefix);
    let token: string | undefined;
    do {
      const page = await this.#try(prefix, 'read', () => this.#requests.listPage(full, token));
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
        // A folder as some consoles make one: not an object that a program wrote.
        if (Key === undefined || Key.endsWith('/')) continue;
        const key = Key.slice(this.#full('').length);
        const etag = (ETag ?? '').replaceAll('"', '');
        // In whole seconds, as the answer to a request for one object has it.
        const modifiedMs = LastModified && Math.floor(LastModified.getTime() / 1000) * 1000;
        yield { key, bytes: Size ?? 0, etag, modifiedMs };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    try {
      const body = await this.#body(key, content);
      // Such a store would overwrite: a check before leaves only writers at the same time.
      const { conditionalWrites } = this.connection.settings;
      if (conditionalWrites === 'unchecked' && (await this.head(key)) !== undefined) {
        return 'exists';
      }
      const writer = randomBytes(16).toString('hex');
      return await createOnce(this.#requests, this.#full(key), body, writer, (attempt) =>
        this.connection.retrying(attempt),
      );
    } catch (error) {
      throw storeError(error, this.locate(key), 'write');
    } finally {
      if (!(content instanceof Uint8Array)) await rm(content.path, { force: true });
    }
  }

  async replace(key: string, content: Uint8Array): Promise<void> {
    const body = await this.#body(key, content);
    await this.#try(key, 'write', () => this.#requests.put(this.#full(key), body));
  }

  async delete(key: string): Promise<void> {
    await this.#try(key, 'write', async () => {
      try {
        await this.#requests.delete(this.#full(key));
      } catch (error) {
        if (!isClass(error, 'missing')) throw error;
      }
    });
  }

  /**
   * Whether a second conditional PUT of a key that nothing else uses is refused. Only a clear
   * answer counts: an object that is there afterwards may have been overwritten.
   */
  async refusesSecondCreate(key: string): Promise<boolean> {
    const body = await this.#body(key, new Uint8Array());
    await this.create(key, new Uint8Array());
    return this.#try(key, 'write', async () => {
      try {
        await this.#requests.putIfAbsent(this.#full(key), body, 'probe');
        return false;
      } catch (error) {
        if (isClass(error, 'precondition')) return true;
        throw error;
      }
    });
  }

  /** The connection is shared: `Stores.close` ends it. */
  async close(): Promise<void> {}

  #full(key: string): string {
    return this.prefix === '' ? key : `${this.prefix}/${key}`;
  }

  async #body(key: string, content: ObjectContent): Promise<UploadBody> {
    const bytes =
      content instanceof Uint8Array ? content.byteLength : (await stat(content.path)).size;
    if (bytes > MAX_PUT_BYTES) {
      throw new ShardmillError(
        'OUTPUT_NOT_WRITABLE',
        `${bytes} bytes are more than one PUT takes, which is ${MAX_PUT_BYTES}`,
        { where: this.locate(key), remedy: 'Lower plan.partRows: each part is one object.' },
      );
    }
    return uploadBody(content);
  }

  /** Tries a request as long as the options allow. */
  async #try<T>(key: string, doing: 'read' | 'write', request: () => Promise<T>): Promise<T> {
    try {
      return await this.connection.retrying(request);
    } catch (error) {
      throw storeError(error, this.locate(key), doing);
    }
  }
}

function isClass(error: unknown, expected: RequestFailed['class']): boolean {
  return error instanceof RequestFailed && error.class === expected;
}
