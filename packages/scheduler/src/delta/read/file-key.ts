import { fileURLToPath } from 'node:url';
import { isS3, parseS3, ShardmillError } from '@shardmill/core';

/**
 * The key of a table's file within the table's folder, from its path as the log has it: a
 * percent-encoded URI, relative to the folder or absolute.
 * @param root the table's folder, in its one form.
 * @param where the log, for messages.
 * @throws TABLE_UNSUPPORTED where the file lies elsewhere; TABLE_LOG_DAMAGED
 */
export function fileKey(path: string, root: string, where: string): string {
  const outside = (): ShardmillError =>
    new ShardmillError(
      'TABLE_UNSUPPORTED',
      `the file ${path} lies outside of the table's folder, as in a shallow clone; such files are not read`,
      { where, remedy: 'Read the table that the files belong to, or make a deep clone.' },
    );
  const decoded = decode(path);
  if (decoded === undefined || decoded.includes('\0')) {
    throw new ShardmillError('TABLE_LOG_DAMAGED', `the path ${path} is not percent-encoded`, {
      where,
    });
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\//i.exec(path)?.[1]?.toLowerCase();
  const key =
    scheme === undefined && !path.startsWith('/')
      ? decoded
      : withinRoot(path, decoded, scheme, root);
  if (
    key === undefined ||
    key.split('/').some((name) => name === '' || name === '.' || name === '..')
  ) {
    throw outside();
  }
  return key;
}

function withinRoot(
  path: string,
  decoded: string,
  scheme: string | undefined,
  root: string,
): string | undefined {
  const target = absolute(path, decoded, scheme);
  if (target === undefined || isS3(target) !== isS3(root)) return undefined;
  return target.startsWith(`${root}/`) ? target.slice(root.length + 1) : undefined;
}

function absolute(path: string, decoded: string, scheme: string | undefined): string | undefined {
  switch (scheme) {
    case undefined:
      return decoded;
    case 'file':
      try {
        return fileURLToPath(path.replace(/^file:\/(?!\/)/i, 'file:///'));
      } catch {
        return undefined;
      }
    case 's3':
    case 's3a':
    case 's3n': {
      const { bucket, key } = parseS3(decoded.replace(/^s3[an]?:/i, 's3:'));
      return `s3://${bucket}/${key}`;
    }
    default:
      return undefined;
  }
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
