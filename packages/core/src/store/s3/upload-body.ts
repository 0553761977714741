import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ObjectContent } from '../object-store.js';

/** What a PUT sends, any number of times, without a file's whole content in memory. */
export interface UploadBody {
  readonly bytes: number;
  /** The store compares it with what arrives. */
  readonly sha256: Buffer;
  /** A stream is read once, and closed by the caller. */
  open(): Uint8Array | Readable;
}

const CHUNK_BYTES = 1024 * 1024;

/** Reads a file once for its digest. @throws the system's error where it cannot be read. */
export async function uploadBody(content: ObjectContent): Promise<UploadBody> {
  if (content instanceof Uint8Array) {
    const sha256 = createHash('sha256').update(content).digest();
    return { bytes: content.byteLength, sha256, open: () => content };
  }
  const { size } = await stat(content.path);
  const hash = createHash('sha256');
  if (size > 0) {
    for await (const chunk of readFile(content.path, size)) hash.update(chunk);
  }
  return {
    bytes: size,
    sha256: hash.digest(),
    open: () => (size === 0 ? new Uint8Array() : readFile(content.path, size)),
  };
}

function readFile(path: string, bytes: number): Readable {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES, end: bytes - 1 });
}
