import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';

/** A request that a receiver got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a receiver answers: with a status, with a redirect, or not at all. */
export type Answer = number | { readonly redirect: string } | 'hang' | 'reset';

/** An HTTP server on this machine that answers as it is asked to. */
export class ReceiverServer {
  readonly received: Received[] = [];
  answer: Answer | ((request: Received) => Answer) = 204;

  private constructor(
    readonly port: number,
    readonly server: Server,
  ) {}

  static async start(): Promise<ReceiverServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen');
    const receiver = new ReceiverServer(address.port, server);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const got = { path: request.url ?? '', headers: request.headers, body };
        receiver.received.push(got);
        const { answer } = receiver;
        const how = typeof answer === 'function' ? answer(got) : answer;
        if (how === 'hang') return;
        if (how === 'reset') request.socket.destroy();
        else if (typeof how === 'number') response.writeHead(how).end('text that nobody reads');
        else response.writeHead(302, { location: how.redirect }).end();
      });
    });
    return receiver;
  }

  url(path = '/hook'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
