import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { type Backoff, backoffMs, ShardmillError } from '@shardmill/core';
import { Cluster, type RedisOptions as ClientOptions, Redis } from 'ioredis';
import type { RedisOptions } from './redis-options.js';
import type { RedisTarget } from './redis-target.js';

export type RedisClient = Redis | Cluster;

/** Makes a client that has begun to connect. `answerMs` is for those whose commands may wait. */
export type Connect = (purpose: string, answerMs?: number) => RedisClient;

/** Redis answers any command sooner, or the connection is given up and made anew. */
export const ANSWER_MS = 5_000;

/**
 * Reads the certificates, for clients that all reach the same Redis. They connect again for ever.
 * They keep no command for later: where the connection is away or breaks, the command fails, and
 * its caller decides. So nothing waits without end, and nothing is repeated unnoticed.
 * @throws CONFIG_INVALID where a certificate cannot be read
 */
export async function redisConnector(
  target: RedisTarget,
  files: RedisOptions['tls'],
): Promise<Connect> {
  const tls = target.tls ? await readCertificates(files ?? {}) : undefined;
  return (purpose, answerMs = ANSWER_MS) => {
    const login = loginOf(target, purpose, answerMs, tls);
    const client = target.kind === 'cluster' ? clusterOf(target, login) : serverOf(target, login);
    // Every caller of a command gets its failure; ioredis prints those that have no listener.
    client.on('error', () => {});
    return client;
  };
}

type ServerOptions = ClientOptions & { readonly replyMapping: 'legacy' };

/** What a connection to any one server needs. */
function loginOf(
  { username, password }: RedisTarget,
  purpose: string,
  answerMs: number,
  tls: ConnectionOptions | undefined,
): ServerOptions {
  return {
    connectionName: `shardmill:${purpose}`,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    socketTimeout: answerMs,
    connectTimeout: ANSWER_MS,
    disconnectTimeout: 500,
    keepAlive: 10_000,
    maxLoadingRetryTime: 500,
    replyMapping: 'legacy',
    username,
    password,
    ...(tls === undefined ? {} : { tls }),
  };
}

function serverOf(target: RedisTarget, login: ServerOptions): Redis {
  const [node] = target.nodes;
  const options: ServerOptions = {
    ...login,
    db: target.database,
    enableOfflineQueue: false,
    retryStrategy: (times) => reconnectDelayMs(times, Math.random()),
    // A master that became a replica: the next connection goes to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
  if (target.kind === 'server') {
    return new Redis({ ...options, host: node?.host ?? '', port: node?.port ?? 0 });
  }
  return new Redis({
    ...options,
    sentinels: [...target.nodes],
    name: target.masterName,
    sentinelPassword: target.sentinelPassword,
    sentinelRetryStrategy: (times) => reconnectDelayMs(times, Math.random()),
    sentinelCommandTimeout: ANSWER_MS,
    ...(login.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: login.tls }),
  });
}

function clusterOf(target: RedisTarget, login: ServerOptions): Cluster {
  return new Cluster([...target.nodes], {
    enableOfflineQueue: false,
    clusterRetryStrategy: (times) => reconnectDelayMs(times, Math.random()),
    redisOptions: login,
    // A certificate is for the name of a node, not for the address behind it.
    ...(login.tls === undefined ? {} : { dnsLookup: (host, answer) => answer(null, host) }),
  });
}

const RECONNECT_BACKOFF: Backoff = { firstMs: 50, maxMs: 1500, jitter: 'half' };

/** @param times failures in a row, this one included. @param random from 0 up to 1. */
export function reconnectDelayMs(times: number, random: number): number {
  return backoffMs(RECONNECT_BACKOFF, times, random);
}

async function readCertificates({
  ca,
  cert,
  key,
}: NonNullable<RedisOptions['tls']>): Promise<ConnectionOptions> {
  if ((cert === undefined) !== (key === undefined)) {
    const message = 'a client certificate and its key are needed together';
    throw new ShardmillError('CONFIG_INVALID', message, {
      where: cert === undefined ? 'redis.tls.cert' : 'redis.tls.key',
    });
  }
  return {
    ...(ca === undefined ? {} : { ca: await readPem(ca, 'redis.tls.ca') }),
    ...(cert === undefined ? {} : { cert: await readPem(cert, 'redis.tls.cert') }),
    ...(key === undefined ? {} : { key: await readPem(key, 'redis.tls.key') }),
  };
}

async function readPem(file: string, where: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ShardmillError('CONFIG_INVALID', `${file} cannot be read`, { where, cause: error });
  }
}
