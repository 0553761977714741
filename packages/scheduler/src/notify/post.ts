import { lookup } from 'node:dns';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { ShardmillError } from '@shardmill/core';
import { addressFault, type HostRule } from './address-rules.js';

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Which addresses its host may have. */
  readonly rule: HostRule;
  /** The time of the whole request. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Posts a document. Only 2xx is success; redirects are not followed, and nothing of an answer but
 * its status is read. No message has more of the address than its host: the rest may be a secret.
 * @throws NOTIFY_FAILED; NOTIFY_FORBIDDEN where the rule refuses an address of the host
 */
export async function postNotification(post: PostRequest): Promise<void> {
  const { url, rule } = post;
  // In a URL, IPv6 addresses are in brackets.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const fault = isIP(host) === 0 ? undefined : addressFault(host, rule);
  if (fault !== undefined) throw forbidden(url, host, fault);
  const status = await postDocument(post);
  if (status >= 200 && status < 300) return;
  const redirect = status >= 300 && status < 400;
  throw new ShardmillError(
    'NOTIFY_FAILED',
    redirect
      ? `the receiver answered with ${status}, a redirect, which is not followed`
      : `the receiver answered with ${status}, expected 2xx`,
    {
      where: url.origin,
      ...(redirect && { remedy: 'Name the address to which it redirects.' }),
    },
  );
}

/**
 * Posts a document to whatever address, as far as the rule allows that of a name.
 * @returns the status of the answer.
 * @throws NOTIFY_FAILED where there is none, NOTIFY_FORBIDDEN, INTERRUPTED
 */
export function postDocument({
  url,
  headers,
  body,
  rule,
  timeoutMs,
  signal,
}: PostRequest): Promise<number> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'shardmill',
      ...headers,
    },
    agent: false,
    lookup: guardedLookup(url, rule),
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    request.once('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on('error', (error) => {
      if (error instanceof ShardmillError) reject(error);
      else if (signal?.aborted === true) {
        reject(new ShardmillError('INTERRUPTED', 'the request was interrupted'));
      } else {
        const why = deadline.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error);
        reject(new ShardmillError('NOTIFY_FAILED', why, { where: url.origin }));
      }
    });
    request.end(body);
  });
}

/**
 * Resolves a name and holds its addresses against the rule, as part of the connection itself: a
 * name that has another address a moment later cannot get around it.
 */
function guardedLookup(url: URL, rule: HostRule): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      for (const { address } of addresses) {
        const fault = addressFault(address, rule);
        if (fault !== undefined) return callback(forbidden(url, address, fault), '', 0);
      }
      const [first] = addresses;
      if (options.all === true) return callback(null, addresses);
      return callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

function forbidden(url: URL, address: string, fault: string): ShardmillError {
  const message = `a job may not send notifications to ${url.hostname}: ${address} ${fault}`;
  return new ShardmillError('NOTIFY_FORBIDDEN', message, { where: url.origin });
}

/** `ECONNREFUSED` and the like: messages of libraries may quote the address. */
function reasonOf(error: Error): string {
  const code: unknown = Reflect.get(error, 'code');
  return `the request failed${typeof code === 'string' ? ` with ${code}` : ''}`;
}
