import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ShardmillError } from '../errors/shardmill-error.js';
import { FileStore } from './file-store.js';

/** The local path of a `file://` URI or a path; relative paths start at `base`. */
export function localPath(uri: string, base: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === 'file') return fileURLToPath(uri);
  if (scheme !== undefined) {
    throw new ShardmillError('URI_UNSUPPORTED', `"${scheme}://" locations are not served`, {
      where: uri,
    });
  }
  return path.resolve(base, uri);
}

/** The store at a location. @throws URI_UNSUPPORTED */
export function openStore(uri: string, base = process.cwd()): FileStore {
  return new FileStore(localPath(uri, base));
}
