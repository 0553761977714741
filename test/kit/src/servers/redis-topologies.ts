import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '../wait-for.js';
import { freePorts } from './free-ports.js';
import { type RedisServer, startRedisServer } from './redis-server.js';

export interface RedisCluster {
  readonly masters: readonly RedisServer[];
  /** `host:port` of each. */
  readonly nodes: readonly string[];
  close(): Promise<void>;
}

/** Starts a cluster of three masters, each with a third of the slots, and waits until it is whole. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const buses = await freePorts(3);
  const masters = await Promise.all(
    buses.map((bus) =>
      startRedisServer({
        args: ['--cluster-enabled', 'yes', '--cluster-port', String(bus)],
      }),
    ),
  );
  const slots = ['0-5460', '5461-10922', '10923-16383'].map((range) => range.split('-'));
  for (const [i, master] of masters.entries()) {
    await master.command('CLUSTER', 'ADDSLOTSRANGE', ...(slots[i] ?? []));
    await master.command('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
  }
  const [first] = masters;
  for (const [i, { port }] of masters.entries()) {
    await first?.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(buses[i]));
  }
  await waitFor('a whole cluster', async () => {
    const states = await Promise.all(masters.map((one) => one.command('CLUSTER', 'INFO')));
    return states.every((s) => /cluster_state:ok/.test(s) && /cluster_known_nodes:3/.test(s));
  });
  return {
    masters,
    nodes: masters.map(({ port }) => `127.0.0.1:${port}`),
    async close() {
      await Promise.all(masters.map((master) => master.close()));
    },
  };
}

export interface RedisSentinel {
  readonly name: string;
  /** `host:port` of the sentinel. */
  readonly nodes: readonly string[];
  readonly master: RedisServer;
  readonly replica: RedisServer;
  close(): Promise<void>;
}

/** Starts a master, a replica of it, and a sentinel that makes the replica the master if need be. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const name = 'shardmill-test';
  const master = await startRedisServer({ args: ['--repl-diskless-sync-delay', '0'] });
  const replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', `${master.port}`] });
  await waitFor('the replica', async () =>
    /master_link_status:up/.test(await replica.command('INFO', 'replication')),
  );
  const configuration = path.join(replica.dir, 'sentinel.conf');
  await writeFile(
    configuration,
    [
      `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${name} 500`,
      `sentinel failover-timeout ${name} 2000`,
      '',
    ].join('\n'),
  );
  const sentinel = await startRedisServer({ file: configuration, args: ['--sentinel'] });
  await waitFor('the sentinel to know the replica', async () =>
    (await sentinel.command('SENTINEL', 'replicas', name)).includes(String(replica.port)),
  );
  return {
    name,
    nodes: [`127.0.0.1:${sentinel.port}`],
    master,
    replica,
    async close() {
      await Promise.all([sentinel, replica, master].map((server) => server.close()));
    },
  };
}
