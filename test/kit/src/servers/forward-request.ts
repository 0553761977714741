import {
  Agent,
  type IncomingMessage,
  request as sendRequest,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ProxiedRequest } from './proxied-request.js';

/** Passes requests on to one target. */
export interface Forward {
  /** Passes a request on, body and all. @returns the target's answer, its body unread. */
  (
    incoming: IncomingMessage,
    answer: ServerResponse,
    request: ProxiedRequest,
  ): Promise<IncomingMessage>;
  close(): void;
}

export function forwarder(target: string): Forward {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const forward = (
    incoming: IncomingMessage,
    answer: ServerResponse,
    request: ProxiedRequest,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = sendRequest({
        hostname,
        port,
        agent,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.rawHeaders,
        setHost: false,
      });
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        request.status = response.statusCode;
        resolve(response);
      });
      // Who asked went away: a request of which half came must not be finished for them.
      answer.once('close', () => outgoing.destroy());
      incoming.pipe(outgoing);
    });
  return Object.assign(forward, { close: () => agent.destroy() });
}

/**
 * Passes an answer on; the connection breaks after `cut` bytes of a body that is longer.
 * @returns whether all of it was passed on.
 */
export async function passOn(
  response: IncomingMessage,
  answer: ServerResponse,
  request: ProxiedRequest,
  cut = Infinity,
): Promise<boolean> {
  let whole = true;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of chunks) {
      const kept = chunk.subarray(0, cut - request.bytesOut);
      request.bytesOut += kept.length;
      yield kept;
      whole = kept.length === chunk.length;
      if (!whole) return;
    }
  };
  answer.writeHead(response.statusCode ?? 502, response.statusMessage, response.rawHeaders);
  answer.flushHeaders();
  await pipeline(response, counted, answer, { end: false });
  // A connection ends only after what was written has gone out.
  if (whole) answer.end();
  else answer.socket?.end();
  return whole;
}

export async function readAway(stream: IncomingMessage): Promise<void> {
  for await (const _ of stream) {
    // What comes is dropped.
  }
}
