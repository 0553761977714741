import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ShardmillError } from '@shardmill/core';
import type { Registry } from 'prom-client';

/** Whether a process can do its work now, and what is in its way. */
export interface Readiness {
  readonly ready: boolean;
  readonly problems: readonly string[];
}

export interface StatusSource {
  ready(): Readiness;
  readonly metrics: Registry;
}

/**
 * What an orchestrator and a monitoring system ask a process, by HTTP: `/healthz` (it answers, so
 * it is alive), `/readyz` (200 if it can work, else 503 with the reason), `/metrics` (Prometheus).
 */
export class StatusServer {
  private constructor(
    readonly server: Server,
    readonly port: number,
  ) {}

  /** @param port 0 for any free one. @throws CONFIG_INVALID where the port is taken. */
  static async open(port: number, source: StatusSource): Promise<StatusServer> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        answer(response, 405, 'only GET is answered here\n');
        return;
      }
      void answerTo(path, source, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, resolve);
    }).catch((cause: unknown) => {
      throw new ShardmillError(
        'CONFIG_INVALID',
        `cannot listen on port ${port}: ${String(cause)}`,
        {
          where: '--port',
          remedy: 'Give another port, --port 0 for any free one, or --port none.',
          cause,
        },
      );
    });
    return new StatusServer(server, portOf(server.address()));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
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

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
