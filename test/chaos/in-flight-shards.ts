import type { Fleet } from '../support/fleet.js';

/** The worker of each in-flight shard of the pool `cpu`, by name, as Redis has it. */
export async function inFlightShards({ redis }: Fleet): Promise<Map<number, string>> {
  const locks = (await redis.command('KEYS', '{shardmill}:cpu:*:lock')).split('\n');
  if (locks[0] === '') return new Map();
  const tokens = (await redis.command('MGET', ...locks)).split('\n');
  return new Map(
    locks.flatMap((lock, index) => {
      const shard = /\.(\d+):lock$/.exec(lock)?.[1];
      const holder = /^(.+)\.\d+$/.exec(tokens[index] ?? '')?.[1];
      return shard === undefined || holder === undefined ? [] : [[Number(shard), holder] as const];
    }),
  );
}
