import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from './free-ports.js';

export interface RedisServerOptions {
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** Where it keeps its files; default: a new folder, which `close` removes. */
  readonly dir?: string | undefined;
  /** Whether data survives an end by SIGKILL. Default false: a restart loses everything. */
  readonly appendOnly?: boolean | undefined;
  /** A file of settings, read before the arguments. */
  readonly file?: string | undefined;
  /** More arguments of redis-server, for example `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[] | undefined;
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Undefined while it is stopped. */
  readonly pid: number | undefined;
  /** Ends it with SIGKILL and starts it again on the same port and files. */
  restart(): Promise<void>;
  /** Ends it, and waits for the end; a signal that does not end it (SIGSTOP) is only sent. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after `stop`. */
  start(): Promise<void>;
  flushAll(): Promise<void>;
  /** Runs a command with redis-cli; without TLS, as the default user. @returns what it printed. */
  command(...args: string[]): Promise<string>;
  /** Ends it and removes its files. */
  close(): Promise<void>;
}

/**
 * Starts a throw-away redis-server on loopback, in some 30 ms. It ends with this process, however
 * this one ends.
 * @throws Error with the name of the Debian package, where it is missing.
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const dir = options.dir ?? (await mkdtemp(path.join(tmpdir(), 'shardmill-redis-')));
  const removeFiles = async (): Promise<void> => {
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  };
  const [port, first] = await launchOnPort(options, dir).catch(async (error: unknown) => {
    await removeFiles();
    throw error;
  });
  let child: ChildProcess | undefined = first;

  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get pid() {
      return child?.pid;
    },
    async restart() {
      await server.stop('SIGKILL');
      await server.start();
    },
    async stop(signal = 'SIGTERM') {
      if (child === undefined) return;
      child.kill(signal);
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
      await ended(child);
      child = undefined;
    },
    async start() {
      child ??= await launch(options, dir, port);
    },
    async flushAll() {
      await server.command('FLUSHALL');
    },
    command: (...args) => redisCli(port, args),
    async close() {
      await server.stop('SIGKILL');
      await removeFiles();
    },
  };
  return server;
}

/** What a command printed. @throws Error with what was said where it failed. */
export async function redisCli(port: number, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('redis-cli', ['-e', '-p', String(port), ...args]);
  return stdout.trim();
}

/** Another process may take a free port before the server does: so it is tried three times. */
async function launchOnPort(
  options: RedisServerOptions,
  dir: string,
  triesLeft = 2,
): Promise<[number, ChildProcess]> {
  const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
  try {
    return [port, await launch(options, dir, port)];
  } catch (error) {
    if (triesLeft === 0 || !/Address already in use/.test(String(error))) throw error;
    return launchOnPort(options, dir, triesLeft - 1);
  }
}

/** The pipe to its input ends with this process; the server is then killed by the one who reads it. */
const SCRIPT =
  'exec 3<&0; (cat <&3 >/dev/null; kill -KILL $$) 2>/dev/null & exec redis-server "$@" 3<&-';

async function launch(
  options: RedisServerOptions,
  dir: string,
  port: number,
): Promise<ChildProcess> {
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--save', ''];
  const durable = ['--appendonly', options.appendOnly === true ? 'yes' : 'no'];
  const file = options.file === undefined ? [] : [options.file];
  const args = [
    ...file,
    ...settings,
    ...durable,
    '--appendfsync',
    'always',
    ...(options.args ?? []),
  ];
  const child = spawn('sh', ['-c', SCRIPT, 'sh', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.once('exit', () => child.stdin?.destroy());
  child.stdin?.on('error', () => {});
  await untilReady(child);
  return child;
}

async function untilReady(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-4000);
      if (/Ready to accept connections|Sentinel ID is/.test(said)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(
        new Error(
          code === 127
            ? 'the Redis server of the tests is not installed: apt-get install --no-install-recommends redis-server'
            : `redis-server did not start: ${said}`,
        ),
      );
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
