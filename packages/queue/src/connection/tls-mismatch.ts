import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { RedisTarget } from './redis-target.js';

const PROBE_MS = 1000;

/**
 * Whether a server that does not answer would with TLS, or without it: Redis says nothing to a client
 * that has the wrong one, and the connection only breaks or waits. Nothing secret is sent.
 * @returns what is wrong with the address; undefined where it is something else.
 */
export async function findTlsMismatch({
  tls,
  nodes: [node],
}: Pick<RedisTarget, 'tls' | 'nodes'>): Promise<string | undefined> {
  if (node === undefined) return undefined;
  if (tls) return (await answersPlainly(node)) ? PLAIN_PORT : undefined;
  return (await answersSecurely(node)) ? TLS_PORT : undefined;
}

const PLAIN_PORT = 'the address is rediss://, but the port speaks Redis without TLS';
const TLS_PORT = 'the address is redis://, but the port speaks TLS';

/** Whether a message is an answer of `findTlsMismatch`. */
export function isTlsMismatch(message: string): boolean {
  return message === PLAIN_PORT || message === TLS_PORT;
}

type Node = RedisTarget['nodes'][number];

function answersPlainly({ host, port }: Node): Promise<boolean> {
  const socket = connectPlain({ host, port }, () => socket.write('PING\r\n'));
  return settle(socket, (answer) => {
    // "+PONG", or "-NOAUTH …": either is Redis.
    socket.once('data', (bytes) => answer(/^[+-]/.test(bytes.toString('latin1'))));
  });
}

function answersSecurely({ host, port }: Node): Promise<boolean> {
  // The certificate is not verified: nothing is sent but the handshake.
  const socket = connectSecurely({ host, port, rejectUnauthorized: false });
  return settle(socket, (answer) => {
    socket.once('secureConnect', () => answer(true));
    // An alert is TLS, too: the server wants a client's certificate, or an older version.
    socket.once('error', ({ message }) => answer(/alert/i.test(message)));
  });
}

async function settle(
  socket: Socket,
  listen: (answer: (is: boolean) => void) => void,
): Promise<boolean> {
  try {
    return await new Promise<boolean>((resolve) => {
      listen(resolve);
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      socket.setTimeout(PROBE_MS, () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
