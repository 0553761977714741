import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { ShardmillError } from '../errors/shardmill-error.js';
import { fileEtag, isErrno, storageError } from './file-identity.js';
import { makeFolder } from './make-folder.js';
import type {
  ByteRange,
  LocalCopy,
  ObjectContent,
  ObjectInfo,
  ObjectStore,
  WritePieces,
} from './object-store.js';
import { openRegularFile } from './open-regular-file.js';

/**
 * A folder as an object store. An object is created by linking a finished, synced file to its
 * name: link(2) fails where the name exists, so that of many writers one wins, and a reader never
 * sees half a file.
 */
export class FileStore implements ObjectStore {
  readonly uri: string;

  constructor(readonly root: string) {
    this.uri = root;
  }

  locate(key: string): string {
    return this.pathOf(key);
  }

  async localCopy(key: string): Promise<LocalCopy | undefined> {
    if ((await this.head(key)) === undefined) return undefined;
    return { path: this.pathOf(key), release: async () => {} };
  }

  /** The local path of a key. */
  pathOf(key: string): string {
    return path.join(this.root, key);
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    try {
      const info = await stat(this.pathOf(key), { bigint: true });
      if (!info.isFile()) return undefined;
      const modifiedMs = Number(info.mtimeMs);
      return { key, bytes: Number(info.size), etag: fileEtag(info), modifiedMs };
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw storageError(error, this.pathOf(key), 'read');
    }
  }

  async copyRange(
    key: string,
    { start, end }: ByteRange,
    etag: string | undefined,
    write: WritePieces,
  ): Promise<void> {
    await write([await this.readRange(key, start, end, etag)], 0);
  }

  async readRange(key: string, start: number, end: number, etag?: string): Promise<Uint8Array> {
    return this.#withFile(key, async (file) => {
      if (etag !== undefined && fileEtag(await file.stat({ bigint: true })) !== etag) {
        throw new ShardmillError('INPUT_CHANGED', 'the file is not the one that was planned', {
          where: this.pathOf(key),
        });
      }
      const bytes = new Uint8Array(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const length = Math.min(bytes.length - filled, MAX_READ_BYTES);
        const { bytesRead } = await file.read(bytes, filled, length, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    });
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    if ((await this.head(key)) === undefined) return undefined;
    return this.#withFile(key, (file) => file.readFile());
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const folder = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/') + 1) : '';
    yield* this.#walk(folder, prefix);
  }

  async create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    const target = this.pathOf(key);
    const staged = content instanceof Uint8Array ? await this.#stage(content) : content.path;
    try {
      await makeFolder(path.dirname(target));
      await sync(staged);
      if (!(await linkNew(staged, target))) return 'exists';
      await sync(path.dirname(target));
      return 'created';
    } catch (error) {
      throw storageError(error, target, 'write');
    } finally {
      await removeFile(staged);
    }
  }

  async replace(key: string, content: Uint8Array): Promise<void> {
    const staged = await this.#stage(content);
    try {
      await makeFolder(path.dirname(this.pathOf(key)));
      await sync(staged);
      await rename(staged, this.pathOf(key));
      await sync(path.dirname(this.pathOf(key)));
    } catch (error) {
      throw storageError(error, this.pathOf(key), 'write');
    } finally {
      await rm(staged, { force: true });
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true });
  }

  async close(): Promise<void> {}

  async #stage(content: Uint8Array): Promise<string> {
    const folder = this.pathOf('_shardmill/tmp');
    const staged = path.join(folder, ownName());
    try {
      await makeFolder(folder);
      const file = await open(staged, 'wx');
      try {
        await file.writeFile(content);
      } finally {
        await file.close();
      }
    } catch (error) {
      await rm(staged, { force: true }).catch(() => {});
      throw storageError(error, staged, 'write');
    }
    return staged;
  }

  async #withFile<T>(key: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
    let file: FileHandle;
    try {
      file = await openRegularFile(this.pathOf(key));
    } catch (error) {
      throw storageError(error, this.pathOf(key), 'read');
    }
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  async *#walk(folder: string, prefix: string): AsyncIterable<ObjectInfo> {
    let entries: Dirent[];
    try {
      entries = await readdir(this.pathOf(folder), { withFileTypes: true });
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return;
      throw storageError(error, this.pathOf(folder), 'read');
    }
    // A folder sorts as "name/", so that keys come out in the order of their bytes.
    const named = entries.map((entry) => ({
      entry,
      key: folder + entry.name + (entry.isDirectory() ? '/' : ''),
    }));
    named.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { entry, key } of named) {
      if (entry.isDirectory()) {
        if (key.startsWith(prefix) || prefix.startsWith(key)) yield* this.#walk(key, prefix);
      } else if (key.startsWith(prefix)) {
        const info = await this.head(key);
        if (info !== undefined) yield info;
      }
    }
  }
}

/**
 * A name of this machine and process, and of nothing else: a process that finds it later can see
 * whether that process is still there.
 */
export function ownName(): string {
  return `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Node aborts the process where more than 2^31 - 1 bytes are requested at once. */
const MAX_READ_BYTES = 2 ** 30;

/** @returns false where the name is taken. */
async function linkNew(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Node's own `rm` looks at a file first, which costs as much again. */
async function removeFile(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/** Flushes a file or a folder to the device: a name that survives a power cut has its content. */
async function sync(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
