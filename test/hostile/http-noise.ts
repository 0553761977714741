import { connect } from 'node:net';

/** Something that a hostile client writes to a port: one piece after another, with pauses between. */
export interface Noise {
  readonly pieces: readonly Buffer[];
  readonly pauseMs: number;
  /** Whether the client closes its side, and does not wait for an answer. */
  readonly hangUp: boolean;
}

const METHODS = ['GET', 'POST', 'HEAD', 'CONNECT', 'OPTIONS', 'PRI', 'get', 'G\0T', '', 'TRACE'];
const TARGETS = [
  '//',
  '///',
  '*',
  '/',
  '/metrics',
  '/readyz?',
  '/healthz/../metrics',
  'http://',
  'http://[',
  'http://[::1',
  '//[',
  '/%',
  '/%zz',
  '/\\..\\',
  '\\\\host\\share',
  'a b c',
  '?',
  '#',
  'http://user:pass@:99999/',
  ':0',
  '/\u0000',
  '/\u00ff\u00fe',
  `/${'a'.repeat(4000)}`,
  `/${'../'.repeat(500)}`,
];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'HTTP/1.1 x', '', 'http/1.1'];
const HEADERS = [
  'Host: x',
  'Host: x\r\nHost: y',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5\r\nContent-Length: 6',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 3',
  'Expect: 100-continue',
  'Expect: the impossible',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Connection: keep-alive',
  'Authorization: Bearer',
  `Authorization: Bearer ${'x'.repeat(2000)}`,
  'X: \u0000',
  ': nothing',
  ' folded: value',
  `Cookie: ${'c'.repeat(20_000)}`,
  `${'h'.repeat(9000)}: v`,
];
const BODIES = [
  '',
  'x',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  'zz\r\n',
  '5\r\nab',
  'y'.repeat(70_000),
];

/** A malformed request, or one that is odd; what is drawn is decided by `random` alone. */
export function drawNoise(random: () => number): Noise {
  const pick = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(random() * from.length)];
    if (one === undefined) throw new Error('nothing to choose from');
    return one;
  };
  const bytes = random() < 0.1 ? randomBytes(random) : Buffer.from(requestText(), 'latin1');
  const cut = random() < 0.2 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
  const inPieces = random() < 0.1;
  const middle = Math.floor(random() * cut.length);
  return {
    pieces: inPieces ? [cut.subarray(0, middle), cut.subarray(middle)] : [cut],
    pauseMs: inPieces ? Math.floor(random() * 20) : 0,
    hangUp: random() < 0.3,
  };

  function requestText(): string {
    const headers = Array.from({ length: Math.floor(random() * 4) }, () => `${pick(HEADERS)}\r\n`);
    const line = `${pick(METHODS)} ${pick(TARGETS)} ${pick(VERSIONS)}`;
    return `${line}${pick(['\r\n', '\n', '\r', ''])}${headers.join('')}\r\n${pick(BODIES)}`;
  }
}

function randomBytes(random: () => number): Buffer {
  return Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => random() * 256));
}

/** Writes it to a port of this machine. Ends when the server has closed, or after `patienceMs`. */
export async function makeNoise(port: number, noise: Noise, patienceMs: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  const timer = setTimeout(() => socket.destroy(), patienceMs);
  for (const piece of noise.pieces) {
    socket.write(piece);
    if (noise.pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, noise.pauseMs));
  }
  if (noise.hangUp) socket.destroy();
  await closed;
  clearTimeout(timer);
}
