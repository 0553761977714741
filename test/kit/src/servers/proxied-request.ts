import type { IncomingMessage } from 'node:http';
import type { S3Fault } from './s3-faults.js';

/** A request to the proxy as it came, and what became of it. */
export interface ProxiedRequest {
  readonly method: string;
  /** Decoded, without the query: `/BUCKET/KEY`. */
  readonly path: string;
  readonly query: string;
  readonly range: string | undefined;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** What it says of encryption (`x-amz-server-side-…`) and metadata (`x-amz-meta-…`). */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body. */
  bytesIn: number;
  /** Bytes of the answer's body, as far as it was passed on. */
  bytesOut: number;
  /** What the target answered; undefined where it was not asked, or not yet. */
  status: number | undefined;
  /** The fault that really fired. */
  fault: S3Fault | undefined;
}

/** A request of which nothing has been read yet but its head. */
export function proxiedRequest(incoming: IncomingMessage): ProxiedRequest {
  const [path = '', query = ''] = (incoming.url ?? '').split('?');
  const { headers } = incoming;
  const kept = Object.entries(headers).filter(([name]) => /^x-amz-(server-side|meta)/.test(name));
  return {
    method: incoming.method ?? '',
    path: decodeURIComponent(path),
    query,
    range: headers.range,
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    bytesIn: 0,
    bytesOut: 0,
    status: undefined,
    fault: undefined,
  };
}

/** Counts the body from now on; it flows at once, so that the caller must read it. */
export function countBody(incoming: IncomingMessage, request: ProxiedRequest): void {
  incoming.on('data', (chunk: Buffer) => {
    request.bytesIn += chunk.length;
  });
}

export function bucketAndKey({ path }: ProxiedRequest): { Bucket: string; Key: string } {
  const [, Bucket = '', Key = ''] = /^\/([^/]+)\/(.*)$/s.exec(path) ?? [];
  return { Bucket, Key };
}
