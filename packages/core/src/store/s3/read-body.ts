import { Readable } from 'node:stream';
import { RequestFailed } from './request-failed.js';

/** A half-open range of bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the body of an answer to its end.
 * @param length what the answer says of itself.
 * @param requested the range of the request, and the one that the answer says it has.
 * @throws RequestFailed where the body is not as long as it should be.
 */
export async function readBody(
  body: unknown,
  length: number | undefined,
  requested?: { readonly range: ByteRange; readonly ContentRange: string | undefined },
): Promise<Uint8Array> {
  if (!(body instanceof Readable)) throw incomplete('no body');
  const expected =
    requested === undefined ? length : lengthOf(requested.range, requested.ContentRange);
  if (length !== undefined && expected !== undefined && length !== expected) {
    body.destroy();
    throw incomplete(`${length} bytes instead of ${expected}`);
  }
  return expected === undefined ? await readAll(body) : await readExactly(body, expected);
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
