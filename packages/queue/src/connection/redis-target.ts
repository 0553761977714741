import { ShardmillError } from '@shardmill/core';
import type { RedisOptions } from './redis-options.js';

/** Address of Redis and the credentials for it: the options, checked and with defaults. */
export interface RedisTarget {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  /** One server, some sentinels, or some nodes of the cluster. */
  readonly nodes: readonly RedisNode[];
  /** Name of the master that the sentinels watch. */
  readonly masterName: string | undefined;
  readonly sentinelPassword: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly tls: boolean;
  readonly prefix: string;
  /** The address for messages, without user and password. */
  readonly where: string;
}

interface RedisNode {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_URL = 'redis://127.0.0.1:6379';
const DEFAULT_PREFIX = '{shardmill}';

/** @throws CONFIG_INVALID where options are wrong or contradict each other */
export function redisTarget(options: RedisOptions): RedisTarget {
  const { sentinel, cluster } = options;
  const elsewhere = sentinel !== undefined || cluster !== undefined;
  if (sentinel !== undefined && cluster !== undefined) {
    throw invalid(
      'sentinel and cluster are both given, and only one can be meant',
      'redis.cluster',
    );
  }
  const url = options.url === undefined && elsewhere ? undefined : options.url;
  const address = parseUrl(url ?? DEFAULT_URL);
  const prefix = options.prefix ?? DEFAULT_PREFIX;
  if (prefix === '') throw invalid('the prefix is empty', 'redis.prefix');
  if (cluster !== undefined && !/\{[^}]+\}/.test(prefix)) {
    throw invalid(
      `a cluster needs a prefix with a part in braces, such as ${DEFAULT_PREFIX}, and this is ${prefix}`,
      'redis.prefix',
    );
  }
  if (cluster !== undefined && address.database !== 0) {
    throw invalid(
      `a cluster has database 0 only, and the url says ${address.database}`,
      'redis.url',
    );
  }
  if (options.tls !== undefined && !address.tls && !(elsewhere && url === undefined)) {
    throw invalid('certificates are given, but the url is redis:// and not rediss://', 'redis.url');
  }
  const nodes = nodesOf(options, address);
  return {
    kind: sentinel !== undefined ? 'sentinel' : cluster !== undefined ? 'cluster' : 'server',
    nodes,
    masterName: sentinel?.name,
    sentinelPassword: sentinel?.password,
    username: options.username ?? address.username,
    password: options.password ?? address.password,
    database: address.database,
    tls: address.tls || options.tls !== undefined,
    prefix,
    where: whereOf(nodes, sentinel?.name, address.database),
  };
}

interface Address extends RedisNode {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly tls: boolean;
}

function parseUrl(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw invalid(`expected redis://HOST:PORT or rediss://HOST:PORT`, 'redis.url');
  }
  const path = url.pathname.replace(/^\//, '');
  if (!/^\d*$/.test(path)) throw invalid(`expected a database number, not ${path}`, 'redis.url');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    database: Number(path),
    tls: url.protocol === 'rediss:',
  };
}

function nodesOf({ sentinel, cluster }: RedisOptions, { host, port }: Address): RedisNode[] {
  if (sentinel !== undefined) return parseNodes(sentinel.nodes, 26379, 'redis.sentinel.nodes');
  if (cluster !== undefined) return parseNodes(cluster, 6379, 'redis.cluster');
  return [{ host, port }];
}

function parseNodes(texts: readonly string[], usualPort: number, where: string): RedisNode[] {
  if (texts.length === 0) throw invalid('expected at least one HOST:PORT', where);
  return texts.map((text) => {
    const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
    const host = parts?.[1] ?? parts?.[2];
    if (host === undefined) throw invalid(`expected HOST:PORT, not ${text}`, where);
    return { host, port: Number(parts?.[3] ?? usualPort) };
  });
}

function whereOf(nodes: readonly RedisNode[], name: string | undefined, database: number): string {
  const list = nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const place = name === undefined ? list.join(',') : `${name} at ${list.join(',')}`;
  return database === 0 ? place : `${place}/${database}`;
}

function invalid(message: string, where: string): ShardmillError {
  return new ShardmillError('CONFIG_INVALID', message, { where });
}
