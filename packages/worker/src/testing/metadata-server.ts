import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@shardmill/core';

export type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => void;

/** A local HTTP server in the place of a cloud's metadata service. */
export class MetadataServer {
  readonly #server: Server;
  url = '';
  /** Method and path of each request, in order. */
  readonly requests: string[] = [];

  private constructor(handler: Handler) {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.requests.push(`${request.method} ${path}`);
      handler(request, response, path);
    });
  }

  static async open(handler: Handler): Promise<MetadataServer> {
    const server = new MetadataServer(handler);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has an address of this form.
    const { port } = server.#server.address() as AddressInfo;
    server.url = `http://127.0.0.1:${port}`;
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Keeps what is logged: `warn the metadata service does not answer`. */
export class LogLines implements Logger {
  readonly lines: string[] = [];
  readonly fields: object[] = [];
  info(fields: object, text: string): void {
    this.#add('info', fields, text);
  }
  warn(fields: object, text: string): void {
    this.#add('warn', fields, text);
  }
  error(fields: object, text: string): void {
    this.#add('error', fields, text);
  }
  #add(level: string, fields: object, text: string): void {
    this.lines.push(`${level} ${text}`);
    this.fields.push(fields);
  }
}
