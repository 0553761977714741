import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ShardmillError } from '@shardmill/core';
import type { Registry } from 'prom-client';
import { hasBearerToken } from './bearer-token.js';
import { limitConnections } from './limit-connections.js';

/** Whether a process can do its work now, and what prevents it. */
export interface Readiness {
  readonly ready: boolean;
  readonly problems: readonly string[];
}

export interface StatusSource {
  ready(): Readiness;
  readonly metrics: Registry;
}

export interface StatusServerOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Address to listen on; 127.0.0.1 where left out. */
  readonly host?: string | undefined;
  /** Certificate and key as PEM: HTTPS instead of HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Required by `/metrics` as `Authorization: Bearer …`; probes are answered without. */
  readonly token?: string | undefined;
}

const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8192;
/** The time of a request from its first byte to its last, headers or all of it. */
const REQUEST_TIMEOUT_MS = 5000;
/** The time of a connection on which nothing moves: a client that does not read its answer. */
const IDLE_TIMEOUT_MS = 10_000;
const CHECK_INTERVAL_MS = 1000;

const LIMITS = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: REQUEST_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
};

/**
 * What an orchestrator and a monitoring system request from a process, by HTTP: `/healthz` (it answers, so
 * it is alive), `/readyz` (200 if it can work, else 503 with the reason), `/metrics` (Prometheus).
 * Whatever else arrives is refused or cut off, and never ends the process.
 */
export class StatusServer {
  private constructor(
    readonly server: Server,
    readonly port: number,
  ) {}

  /** @throws CONFIG_INVALID where the port is taken, the address is not ours, or TLS cannot begin. */
  static async open(options: StatusServerOptions, source: StatusSource): Promise<StatusServer> {
    const { port, host = '127.0.0.1' } = options;
    const server = makeServer(options, listener(source, options.token));
    server.timeout = IDLE_TIMEOUT_MS;
    server.on('clientError', (_error, socket) => refuse(socket));
    limitConnections(server, MAX_CONNECTIONS);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    }).catch((cause: unknown) => {
      throw new ShardmillError(
        'CONFIG_INVALID',
        `cannot listen on port ${port} of ${host}: ${String(cause)}`,
        {
          where: '--port',
          remedy:
            'Give another port, --port 0 for any free one, or --port none; status.host must be an address of this machine.',
          cause,
        },
      );
    });
    // Such as a connection that cannot be accepted because there are no file descriptors left.
    server.on('error', () => {});
    return new StatusServer(server, portOf(server.address()));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}

/** @throws CONFIG_INVALID */
function makeServer({ tls }: StatusServerOptions, listen: RequestListener): Server {
  if (tls === undefined) return createServer(LIMITS, listen);
  try {
    return createTlsServer({ ...LIMITS, ...tls, handshakeTimeout: REQUEST_TIMEOUT_MS }, listen);
  } catch (cause) {
    const message = `the certificate and the key cannot be used: ${String(cause)}`;
    throw new ShardmillError('CONFIG_INVALID', message, { where: 'status.tls.cert', cause });
  }
}

function listener(source: StatusSource, token: string | undefined): RequestListener {
  return (request, response) => {
    // No request has a body that is wanted: what comes after the headers is not waited for.
    if (request.headers['content-length'] ?? request.headers['transfer-encoding']) {
      response.shouldKeepAlive = false;
      response.once('finish', () => request.destroy());
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, 'only GET is answered here\n');
      return;
    }
    const path = request.url?.split('?', 1)[0] ?? '';
    if (path === '/metrics' && token !== undefined) {
      if (!hasBearerToken(request.headers.authorization, token)) {
        response.setHeader('www-authenticate', 'Bearer');
        answer(response, 401, 'the token of status.token is needed: Authorization: Bearer …\n');
        return;
      }
    }
    answerTo(path, source, response).catch(() => response.destroy());
  };
}

async function answerTo(path: string, source: StatusSource, to: ServerResponse): Promise<void> {
  switch (path) {
    case '/healthz':
      answer(to, 200, 'ok\n');
      return;
    case '/readyz': {
      const { ready, problems } = source.ready();
      const text = [ready ? 'ready' : 'not ready', ...problems].join('\n');
      answer(to, ready ? 200 : 503, `${text}\n`);
      return;
    }
    case '/metrics':
      try {
        answer(to, 200, await source.metrics.metrics(), source.metrics.contentType);
      } catch (error) {
        answer(to, 500, `${String(error)}\n`);
      }
      return;
    default:
      answer(to, 404, 'there are /healthz, /readyz and /metrics\n');
  }
}

function answer(to: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  to.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  to.end(text);
}

/** What is no request at all. */
function refuse(socket: Duplex): void {
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  socket.destroy();
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
