import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ShardmillError } from '../errors/shardmill-error.js';

/**
 * A location in its one form: an absolute local path, or `s3://bucket/key` without a trailing
 * slash. Relative paths start at `base`, which may be a location of either kind.
 * @throws URI_UNSUPPORTED
 */
export function resolveLocation(uri: string, base: string): string {
  const scheme = schemeOf(uri);
  if (scheme === 's3') return s3Location(uri);
  if (scheme === 'file') return fileURLToPath(uri);
  if (scheme !== undefined) {
    throw new ShardmillError('URI_UNSUPPORTED', `"${scheme}://" locations are not served`, {
      where: uri,
    });
  }
  if (isS3(base) && !path.isAbsolute(uri)) {
    const { bucket, key } = parseS3(base);
    return s3Location(`s3://${bucket}/${path.posix.join('/', key, uri).slice(1)}`);
  }
  return path.resolve(base, uri);
}

/** Whether a text names a location by itself: a relative path starts somewhere else. */
export function isWholeLocation(uri: string): boolean {
  return uri.startsWith('/') || schemeOf(uri) !== undefined;
}

/** The folder of a location, as a location. */
export function parentLocation(location: string): string {
  if (!isS3(location)) return path.dirname(location);
  const { bucket, key } = parseS3(location);
  const cut = key.lastIndexOf('/');
  return cut <= 0 ? `s3://${bucket}` : `s3://${bucket}/${key.slice(0, cut)}`;
}

export function isS3(location: string): boolean {
  return location.startsWith('s3://');
}

/** Bucket and key of an `s3://` location; the key has no leading or trailing slash. */
export function parseS3(location: string): { bucket: string; key: string } {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(location);
  if (match === null) {
    throw new ShardmillError('URI_UNSUPPORTED', 'expected s3://BUCKET/KEY', { where: location });
  }
  return { bucket: match[1] ?? '', key: match[2] ?? '' };
}

function s3Location(uri: string): string {
  const { bucket, key } = parseS3(uri.replace(/^s3:/i, 's3:').replace(/\/+$/, ''));
  return key === '' ? `s3://${bucket}` : `s3://${bucket}/${key}`;
}

function schemeOf(uri: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
}
