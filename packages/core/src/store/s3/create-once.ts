import { ShardmillError } from '../../errors/shardmill-error.js';
import { RequestFailed } from './request-failed.js';

/** What creating an object once needs of a store: each is one request, tried once. */
export interface RawObjects<Body> {
  /**
   * A PUT with `If-None-Match: *` that leaves `writer` in the object's metadata.
   * @throws RequestFailed, of class `precondition` where the store refused it.
   */
  putIfAbsent(key: string, body: Body, writer: string): Promise<void>;
  /** @returns undefined where there is no object. @throws RequestFailed */
  head(key: string): Promise<{ readonly bytes: number; readonly writer?: string } | undefined>;
}

/**
 * Creates an object unless there is one, under a store that may lose any answer.
 *
 * Nothing follows from a PUT that failed: it may have taken effect, or may do so later. So the
 * object is checked: the one that carries our token is ours. Where there is none yet, the same
 * conditional PUT is sent again; should the earlier one land first, the later one is refused and
 * the check that follows finds our own token.
 *
 * @param writer a token that no other call has ever used.
 * @param retrying runs its argument until it succeeds, see `withRetries`.
 */
export async function createOnce<Body extends { readonly bytes: number }>(
  raw: RawObjects<Body>,
  key: string,
  body: Body,
  writer: string,
  retrying: <T>(attempt: (triesBefore: number) => Promise<T>) => Promise<T>,
): Promise<'created' | 'exists'> {
  return retrying(async (triesBefore) => {
    if (triesBefore > 0) {
      const found = await verdict(raw, key, body, writer);
      if (found !== undefined) return found;
    }
    try {
      await raw.putIfAbsent(key, body, writer);
      return 'created';
    } catch (error) {
      if (!(error instanceof RequestFailed && error.class === 'precondition')) throw error;
      // Something between us and the store may have sent our own request twice: so check.
      const found = await verdict(raw, key, body, writer);
      if (found !== undefined) return found;
      // Refused, and gone at once: another process deleted it in between.
      throw new RequestFailed({ ...error.answer, code: 'OperationAborted' }, error);
    }
  });
}

/** Whose object there is; undefined where there is none. */
async function verdict<Body extends { readonly bytes: number }>(
  raw: RawObjects<Body>,
  key: string,
  body: Body,
  writer: string,
): Promise<'created' | 'exists' | undefined> {
  const found = await raw.head(key);
  if (found === undefined) return undefined;
  if (found.writer !== writer) return 'exists';
  if (found.bytes !== body.bytes) {
    throw new ShardmillError(
      'STORE_UNSUPPORTED',
      `the store keeps ${found.bytes} bytes of the ${body.bytes} that it took`,
      { remedy: 'Use a store that creates an object whole or not at all.' },
    );
  }
  return 'created';
}
