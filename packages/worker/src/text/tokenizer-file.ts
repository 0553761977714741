import { createHash } from 'node:crypto';
import {
  isErrno,
  isS3,
  type ModelFile,
  NotRegularFile,
  readRegularFile,
  ShardmillError,
  storageError,
  type Stores,
} from '@shardmill/core';

/** Vocabularies of 250,000 tokens take 17 MB. */
const MAX_TOKENIZER_BYTES = 128 * 2 ** 20;

/** A tokenizer's file with its content. */
export interface TokenizerFile extends ModelFile {
  readonly content: string;
}

/**
 * Reads a tokenizer.json from a folder or an object store.
 * @throws TOKENIZER_NOT_FOUND, TOKENIZER_INVALID where it is too large or no file, STORE_…
 */
export async function readTokenizerFile(uri: string, stores: Stores): Promise<TokenizerFile> {
  const bytes = isS3(uri) ? await readObject(uri, stores) : await readLocal(uri);
  return {
    uri,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    content: new TextDecoder().decode(bytes),
  };
}

/** The same, where it must be what was planned. @throws TOKENIZER_CHANGED, and as above */
export async function readPlannedTokenizer(
  planned: ModelFile,
  stores: Stores,
): Promise<TokenizerFile> {
  const file = await readTokenizerFile(planned.uri, stores);
  if (file.sha256 === planned.sha256) return file;
  throw new ShardmillError(
    'TOKENIZER_CHANGED',
    `planned with SHA-256 ${planned.sha256}, now ${file.sha256}`,
    { where: planned.uri },
  );
}

async function readObject(uri: string, stores: Stores): Promise<Uint8Array> {
  const { store, key } = stores.objectAt(uri);
  const info = await store.head(key);
  if (info === undefined) {
    throw new ShardmillError('TOKENIZER_NOT_FOUND', 'there is no such object', { where: uri });
  }
  if (info.bytes > MAX_TOKENIZER_BYTES) throw tooLarge(info.bytes, uri);
  const bytes = await store.read(key);
  if (bytes !== undefined) return bytes;
  throw new ShardmillError('TOKENIZER_NOT_FOUND', 'the object was deleted', { where: uri });
}

async function readLocal(file: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(file, MAX_TOKENIZER_BYTES);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) {
      throw new ShardmillError('TOKENIZER_NOT_FOUND', 'there is no such file', { where: file });
    }
    if (error instanceof NotRegularFile || error instanceof RangeError) {
      throw new ShardmillError('TOKENIZER_INVALID', error.message, { where: file });
    }
    throw storageError(error, file, 'read');
  }
}

function tooLarge(bytes: number, where: string): ShardmillError {
  return new ShardmillError(
    'TOKENIZER_INVALID',
    `it has ${bytes} bytes; at most ${MAX_TOKENIZER_BYTES} are read`,
    { where },
  );
}
