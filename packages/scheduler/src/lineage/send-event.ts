import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ShardmillError, toShardmillError } from '@shardmill/core';
import { postDocument } from '../notify/post.js';

/** Where events go. */
export interface LineageTarget {
  /** `http(s)://`, with the path of the endpoint, or `file://`. */
  readonly url: URL;
  /** Sent as `Authorization: Bearer …`. */
  readonly apiKey?: string | undefined;
}

export type SendOutcome =
  | { readonly kind: 'taken' }
  /** It would be refused again. */
  | { readonly kind: 'refused'; readonly error: ShardmillError }
  /** It may be taken later. */
  | { readonly kind: 'failed'; readonly error: ShardmillError };

export interface SendOptions {
  /** The time of one request. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Statuses of the 4xx that may be others later. */
const MAY_CHANGE = new Set([401, 403, 404, 408, 425, 429]);

/**
 * Sends an event once: by POST, or as a line at the end of a file. Only 2xx is success, and
 * redirects are not followed. Errors are LINEAGE_FAILED; they name neither a login nor a query of the
 * address, which may be secrets.
 */
export async function sendLineageEvent(
  event: object,
  { url, apiKey }: LineageTarget,
  options: SendOptions,
): Promise<SendOutcome> {
  const body = JSON.stringify(event);
  const failed = (message: string): ShardmillError =>
    new ShardmillError('LINEAGE_FAILED', message, { where: placeOf(url) });
  try {
    if (url.protocol === 'file:') {
      await appendLine(fileURLToPath(url), body);
      return { kind: 'taken' };
    }
    const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const status = await postDocument({ url, headers, body, rule: 'any', ...options });
    if (status >= 200 && status < 300) return { kind: 'taken' };
    const error = failed(`the lineage endpoint answered with ${status}, expected 2xx`);
    const final = status >= 400 && status < 500 && !MAY_CHANGE.has(status);
    return { kind: final ? 'refused' : 'failed', error };
  } catch (thrown) {
    return { kind: 'failed', error: failed(toShardmillError(thrown).message) };
  }
}

const placeOf = (url: URL): string =>
  url.protocol === 'file:' ? fileURLToPath(url) : `${url.origin}${url.pathname}`;

/** One write for each, so that the lines of several processes do not mix. */
async function appendLine(file: string, body: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await appendFile(file, `${body}\n`);
}
