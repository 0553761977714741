import { readFile } from 'node:fs/promises';
import type { Settings } from '@shardmill/client/load-settings';
import { ShardmillError } from '@shardmill/core';
import type { Logger } from './log.js';
import { StatusServer, type StatusServerOptions, type StatusSource } from './status-server.js';

/**
 * The status server of a process, or undefined for `none`. Where the port was not chosen by the
 * user and another process here has it, any free one is taken and logged.
 * @throws CONFIG_INVALID where a port that was set is taken, or `status.*` cannot be used.
 */
export async function openStatusServer(
  settings: Settings,
  setting: 'worker.statusPort' | 'scheduler.statusPort',
  source: StatusSource,
  log: Logger,
): Promise<StatusServer | undefined> {
  const port = settings.get(setting);
  if (port === 'none') return undefined;
  const options = {
    host: settings.get('status.host'),
    token: settings.get('status.token'),
    tls: await readTls(settings),
  };
  const open = (wanted: number): Promise<StatusServer> =>
    StatusServer.open({ ...options, port: wanted }, source);
  const server = await open(port).catch((error: unknown) => {
    if (settings.isGiven(setting) || !isTaken(error)) throw error;
    log.warn({ port }, 'the port is taken: using another one for /healthz, /readyz and /metrics');
    return open(0);
  });
  const { host } = options;
  log.info({ host, port: server.port }, 'serving /healthz, /readyz and /metrics');
  return server;
}

function isTaken(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
}

async function readTls(settings: Settings): Promise<StatusServerOptions['tls']> {
  const [cert, key] = [settings.get('status.tls.cert'), settings.get('status.tls.key')];
  if (cert === undefined && key === undefined) return undefined;
  return {
    cert: await readPem(cert, 'status.tls.cert'),
    key: await readPem(key, 'status.tls.key'),
  };
}

async function readPem(file: string | undefined, setting: string): Promise<string> {
  if (file === undefined) {
    const message = 'TLS of the status port needs both, status.tls.cert and status.tls.key';
    throw new ShardmillError('CONFIG_INVALID', message, { where: setting });
  }
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const message = `the file cannot be read: ${String(cause)}`;
    throw new ShardmillError('CONFIG_INVALID', message, { where: setting, cause });
  }
}
