import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface LatencyRelay {
  readonly endpoint: string;
  /** What comes from the target arrives later by so much, from now on. */
  setDelay(ms: number): void;
  close(): Promise<void>;
}

/**
 * Passes connections on to a server, and what it answers with a delay, as a store that is some
 * distance away would. The throughput stays as it is: pieces that follow each other do not wait for
 * one another.
 * @param target `http://HOST:PORT`
 */
export async function startLatencyRelay(target: string): Promise<LatencyRelay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let delayMs = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (piece: Buffer) => {
      // Timers of one duration fire in the order in which they were set.
      if (delayMs === 0) client.write(piece);
      else setTimeout(() => client.write(piece), delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('it has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    setDelay(ms) {
      delayMs = ms;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
