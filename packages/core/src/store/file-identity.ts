import { ShardmillError } from '../errors/shardmill-error.js';

/** What `stat` says of a local file, in whole numbers of any size. */
export interface FileIdentity {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** Identity of a local file's content: what an ETag is in object storage. */
export function fileEtag(info: FileIdentity): string {
  return `${info.size}-${info.mtimeNs}-${info.ino}`;
}

export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** A system error while reading input or writing output, as an error that says what to do. */
export function storageError(
  error: unknown,
  where: string,
  doing: 'read' | 'write',
): ShardmillError {
  if (error instanceof ShardmillError) return error;
  const detail = { where, cause: error };
  const message = error instanceof Error ? error.message : String(error);
  if (isErrno(error, 'ENOSPC', 'EDQUOT', 'EFBIG'))
    return new ShardmillError('DISK_FULL', message, detail);
  if (doing === 'read') {
    const code = isErrno(error, 'ENOENT', 'ENOTDIR') ? 'INPUT_NOT_FOUND' : 'INPUT_UNREADABLE';
    return new ShardmillError(code, message, detail);
  }
  if (isErrno(error, 'EPERM', 'ENOTSUP', 'EMLINK', 'EXDEV')) {
    return new ShardmillError('STORE_UNSUPPORTED', message, detail);
  }
  return new ShardmillError('OUTPUT_NOT_WRITABLE', message, detail);
}
