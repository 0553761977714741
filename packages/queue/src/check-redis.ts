import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './connection/connect-redis.js';
import type { RedisLink } from './connection/redis-link.js';
import type { RedisProblem, RedisReport } from './connection/redis-report.js';

/** Asks the server that keeps the keys of a prefix what it is. @throws REDIS_UNREACHABLE */
export async function checkRedis(link: RedisLink, prefix: string): Promise<RedisReport> {
  return link.run(async () => {
    const server = await serverOf(link.client, prefix);
    const begun = performance.now();
    await server.ping();
    const latencyMs = performance.now() - begun;
    const info = parseInfo(await server.info());
    const facts = { ...readFacts(info), snapshots: await snapshots(server) };
    return {
      where: link.where,
      latencyMs,
      ...readServer(info),
      maxmemoryPolicy: facts.maxmemoryPolicy,
      persistence: { appendOnly: facts.appendOnly, snapshots: facts.snapshots },
      usedMemoryBytes: facts.usedMemoryBytes,
      maxMemoryBytes: facts.maxMemoryBytes,
      connectedClients: Number(info.get('connected_clients') ?? 0),
      problems: problemsOf({ ...facts, ...readServer(info) }),
    };
  });
}

/** In a cluster, the master that has the slot of the prefix: all keys are there. */
async function serverOf(client: RedisClient, prefix: string): Promise<Redis> {
  if (!(client instanceof Cluster)) return client;
  const slot = await client.cluster('KEYSLOT', prefix);
  const [address] = client.slots[slot] ?? [];
  const owner = client
    .nodes('master')
    .find(({ options }) => `${options.host}:${options.port}` === address);
  if (owner === undefined) throw new Error(`no node of the cluster serves slot ${slot}`);
  return owner;
}

type Info = ReadonlyMap<string, string>;

function parseInfo(text: string): Info {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

interface ServerFacts {
  readonly software: 'redis' | 'valkey';
  readonly version: string;
  readonly mode: string;
}

function readServer(info: Info): ServerFacts {
  const valkey = info.get('valkey_version');
  return {
    software: valkey === undefined ? 'redis' : 'valkey',
    version: valkey ?? info.get('redis_version') ?? 'unknown',
    mode: info.get('redis_mode') ?? info.get('server_mode') ?? 'unknown',
  };
}

interface StorageFacts {
  readonly maxmemoryPolicy: string | null;
  readonly appendOnly: boolean;
  readonly snapshots: boolean | null;
  readonly usedMemoryBytes: number;
  readonly maxMemoryBytes: number;
}

function readFacts(info: Info): Omit<StorageFacts, 'snapshots'> {
  return {
    maxmemoryPolicy: info.get('maxmemory_policy') ?? null,
    appendOnly: info.get('aof_enabled') === '1',
    usedMemoryBytes: Number(info.get('used_memory') ?? 0),
    maxMemoryBytes: Number(info.get('maxmemory') ?? 0),
  };
}

/** Null where the server does not report it; many managed servers do not. */
async function snapshots(server: Redis): Promise<boolean | null> {
  const answer: unknown = await server.config('GET', 'save').catch(() => null);
  return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] !== '' : null;
}

/** What is wrong with a server for a queue, in the order of its weight. */
export function problemsOf(facts: ServerFacts & StorageFacts): RedisProblem[] {
  const problems: RedisProblem[] = [];
  if (facts.software === 'redis' && isOlder(facts.version, [6, 2])) {
    problems.push({
      severity: 'unsuitable',
      message: `Redis ${facts.version} is too old`,
      remedy: 'Use Redis 6.2 or later, or Valkey.',
    });
  }
  if (facts.maxmemoryPolicy !== null && facts.maxmemoryPolicy !== 'noeviction') {
    problems.push({
      severity: 'unsuitable',
      message: `maxmemory-policy is ${facts.maxmemoryPolicy}, so that Redis may drop what is queued`,
      remedy: 'Set maxmemory-policy noeviction.',
    });
  }
  if (facts.maxMemoryBytes > 0 && facts.usedMemoryBytes > 0.8 * facts.maxMemoryBytes) {
    problems.push({
      severity: 'advice',
      message: `${facts.usedMemoryBytes} of ${facts.maxMemoryBytes} bytes are used; at the limit nothing is queued or taken`,
      remedy: 'Raise maxmemory, or find out what else is kept there.',
    });
  }
  if (!facts.appendOnly && facts.snapshots !== true) {
    problems.push({
      severity: 'advice',
      message: 'Redis keeps nothing on disk: after a restart, schedulers fill the queue again',
      remedy: 'Nothing is lost without it; appendonly yes spares the work of filling the queue.',
    });
  }
  return problems;
}

function isOlder(version: string, least: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < least[0] || (major === least[0] && minor < least[1]);
}
