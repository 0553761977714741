import { homedir } from 'node:os';
import path from 'node:path';
import {
  type AllowedLocations,
  parseDurationMs,
  ShardmillError,
  type StorageOptions,
} from '@shardmill/core';
import type { RedisOptions } from '@shardmill/queue';
import type { JobRules } from '@shardmill/scheduler';
import type { Settings, SettingSources } from './load-settings.js';

/** How object storage is reached. @throws CONFIG_INVALID */
export function storageOptions(settings: Settings): StorageOptions {
  const encryption = settings.get('s3.encryption');
  const kmsKeyId = settings.get('s3.kmsKeyId');
  if (kmsKeyId !== undefined && encryption !== 'aws:kms') {
    throw contradiction('s3.kmsKeyId is for s3.encryption: aws:kms', 's3.kmsKeyId');
  }
  return {
    s3: {
      endpoint: settings.get('s3.endpoint'),
      region: settings.get('s3.region'),
      pathStyle: settings.get('s3.pathStyle'),
      encryption,
      kmsKeyId,
      conditionalWrites: settings.get('s3.conditionalWrites'),
      requestTimeoutMs: parseDurationMs(settings.get('s3.requestTimeout')),
      retryForMs: parseDurationMs(settings.get('s3.retryFor')),
    },
  };
}

/** How Redis is reached; the queue itself checks what needs its own knowledge. @throws CONFIG_INVALID */
export function redisOptions(settings: Settings): RedisOptions {
  const cluster = settings.get('redis.cluster');
  const name = settings.get('redis.sentinel.name');
  const nodes = settings.get('redis.sentinel.nodes');
  if ((name === undefined) !== (nodes === undefined)) {
    throw contradiction(
      'Sentinel needs both, the name of the master and the nodes',
      name === undefined ? 'redis.sentinel.name' : 'redis.sentinel.nodes',
    );
  }
  if (cluster !== undefined && nodes !== undefined) {
    throw contradiction('a cluster is not reached through Sentinel', 'redis.cluster');
  }
  const [ca, cert, key] = [
    settings.get('redis.tls.ca'),
    settings.get('redis.tls.cert'),
    settings.get('redis.tls.key'),
  ];
  const password = settings.get('redis.sentinel.password');
  // The default address is of no use beside nodes that were named.
  const elsewhere = cluster !== undefined || nodes !== undefined;
  return {
    url: elsewhere && !settings.isGiven('redis.url') ? undefined : settings.get('redis.url'),
    sentinel:
      name === undefined || nodes === undefined
        ? undefined
        : { name, nodes, ...(password === undefined ? {} : { password }) },
    cluster,
    username: settings.get('redis.username'),
    password: settings.get('redis.password'),
    tls: [ca, cert, key].every((file) => file === undefined) ? undefined : { ca, cert, key },
    prefix: settings.get('redis.prefix'),
  };
}

/** What engines of a fleet are given, and what they may load. */
export function fleetEngine(settings: Settings): {
  readonly environment: readonly string[];
  readonly allow: AllowedLocations;
} {
  return {
    environment: settings.get('engine.environment') ?? [],
    allow: allowedLocations(settings),
  };
}

/** What is demanded of jobs that are planned. */
export function jobRules(settings: Settings): JobRules {
  return {
    allow: allowedLocations(settings),
    requireSha256: settings.get('models.requireSha256'),
    prices: settings.get('price.workerHour'),
  };
}

function allowedLocations(settings: Settings): AllowedLocations {
  return {
    inputs: settings.get('allow.inputs'),
    models: settings.get('allow.models'),
    outputs: settings.get('allow.outputs'),
    transforms: settings.get('allow.transforms'),
    regions: settings.get('allow.regions'),
    notify: settings.get('allow.notify'),
  };
}

/** Where this machine keeps models, staged input and unfinished output. */
export function cacheFolder(settings: Settings, env: SettingSources['env']): string {
  const caches = env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  return settings.get('cache.folder') ?? path.join(caches, 'shardmill');
}

function contradiction(message: string, where: string): ShardmillError {
  return new ShardmillError('CONFIG_INVALID', message, { where });
}
