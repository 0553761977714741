import { Readable } from 'node:stream';
import type { ByteRange, WritePieces } from '../object-store.js';
import { pourBody } from './pour-body.js';
import { RequestFailed } from './request-failed.js';

interface RequestedRange {
  /** The range of the request. */
  readonly range: ByteRange;
  /** The one that the answer says it has. */
  readonly ContentRange: string | undefined;
}

/**
 * Reads the body of an answer to its end.
 * @param length what the answer says of itself.
 * @throws RequestFailed where the body is not as long as it should be.
 */
export async function readBody(
  body: unknown,
  length: number | undefined,
  requested?: RequestedRange,
): Promise<Uint8Array> {
  const { stream, expected } = check(body, length, requested);
  return expected === undefined ? await readAll(stream) : await readExactly(stream, expected);
}

/**
 * Hands the body of an answer for a range to `write`, to its end.
 * @returns how many bytes there were.
 * @throws as `readBody`, and what `write` throws
 */
export async function copyBody(
  body: unknown,
  length: number | undefined,
  requested: RequestedRange,
  write: WritePieces,
): Promise<number> {
  const { stream, expected } = check(body, length, requested);
  let seen = 0;
  await pourBody(stream, async (pieces, offset) => {
    seen = offset + pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    if (expected !== undefined && seen > expected) throw incomplete(`more than ${expected} bytes`);
    await write(pieces, offset);
  });
  if (expected !== undefined && seen < expected) throw incomplete(`${seen} bytes of ${expected}`);
  return seen;
}

function check(body: unknown, length: number | undefined, requested: RequestedRange | undefined) {
  if (!(body instanceof Readable)) throw incomplete('no body');
  const expected =
    requested === undefined ? length : lengthOf(requested.range, requested.ContentRange);
  if (length !== undefined && expected !== undefined && length !== expected) {
    body.destroy();
    throw incomplete(`${length} bytes instead of ${expected}`);
  }
  return { stream: body, expected };
}

/** How many bytes of a range there are; `answered` is like `bytes 0-99/1234`. */
function lengthOf({ start, end }: ByteRange, answered: string | undefined): number {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answered ?? '');
  if (match === null) throw incomplete(`Content-Range is ${answered ?? 'not given'}`);
  const [first, last, total] = match.slice(1).map(Number);
  const expected = Math.min(end, total ?? 0) - start;
  if (first !== start || last !== start + expected - 1) {
    throw incomplete(`Content-Range is ${answered}, not from ${start} to ${end - 1}`);
  }
  return expected;
}

async function readExactly(body: Readable, expected: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(expected);
  let filled = 0;
  for await (const chunk of chunksOf(body)) {
    if (filled + chunk.byteLength > expected) throw incomplete(`more than ${expected} bytes`);
    bytes.set(chunk, filled);
    filled += chunk.byteLength;
  }
  if (filled < expected) throw incomplete(`${filled} bytes of ${expected}`);
  return bytes;
}

async function readAll(body: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(body)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function chunksOf(body: Readable): AsyncIterable<Uint8Array> {
  return body;
}

function incomplete(seen: string): RequestFailed {
  return new RequestFailed({ status: undefined, code: 'IncompleteBody', message: seen });
}
