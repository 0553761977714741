import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { ShardmillError } from '@shardmill/core';
import { Child } from './child.js';

/** A Redis of one's own for trying things: in memory, on loopback, gone with the process that started it. */
export interface DevRedis {
  readonly url: string;
  readonly child: Child;
  close(): Promise<void>;
}

const PROGRAMS = ['redis-server', 'valkey-server'];
const START_MS = 10_000;

/** Its input ends with this process, however that ends; its reader then ends the server. */
const SCRIPT = 'exec 3<&0; (cat <&3 >/dev/null; kill -KILL $$) 2>/dev/null & exec "$0" "$@" 3<&-';

/** @throws REDIS_UNREACHABLE where no server is installed, with how to install one. */
export async function startDevRedis(
  env: Readonly<Record<string, string | undefined>>,
): Promise<DevRedis> {
  const program = findProgram(env['PATH'] ?? '');
  if (program === undefined) {
    throw new ShardmillError(
      'REDIS_UNREACHABLE',
      'neither redis-server nor valkey-server is here',
      {
        remedy:
          'Install one (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis; ' +
          'Docker: docker run -p 6379:6379 redis), or name one that runs: --redis redis://HOST:PORT.',
      },
    );
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'shardmill-dev-'));
  const port = await freePort();
  // In a file that only its own user can read: a list of processes shows arguments.
  const password = randomBytes(24).toString('base64url');
  const file = path.join(folder, 'redis.conf');
  await writeFile(file, `requirepass ${password}\n`, { mode: 0o600 });
  const said: string[] = [];
  const child = new Child({
    label: 'redis',
    program: 'sh',
    args: ['-c', SCRIPT, program, file, ...serverArguments(port, folder)],
    env,
    onLine: (_label, line) => said.push(line),
    tie: 'input',
  });
  const close = async (): Promise<void> => {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilItListens(port, child, said);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `redis://:${password}@127.0.0.1:${port}`, child, close };
}

function serverArguments(port: number, folder: string): string[] {
  const reached = ['--port', String(port), '--bind', '127.0.0.1'];
  const kept = ['--dir', folder, '--save', '', '--appendonly', 'no'];
  return [...reached, ...kept, '--maxmemory-policy', 'noeviction'];
}

function findProgram(searchPath: string): string | undefined {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '');
  return PROGRAMS.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) =>
    existsSync(file),
  );
}

async function untilItListens(port: number, child: Child, said: readonly string[]): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline && !child.over) {
    if (await listens(port)) return;
    await sleep(20);
  }
  const last = said.slice(-3).join('\n');
  throw new ShardmillError('REDIS_UNREACHABLE', `redis-server did not start: ${last}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });
}
