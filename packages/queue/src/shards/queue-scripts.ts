import { z } from 'zod';
import type { QueuedState } from './shard-queue.js';
import type { BullQueue } from './bull-queue.js';

/**
 * What BullMQ 6.7 has no script for, on its keys (held to that version by the tests): many shards
 * at once, taking out a shard that is being worked on, and locks that outlive an absence of Redis.
 */
export class QueueScripts {
  constructor(readonly bull: BullQueue) {}

  async states(ids: readonly string[]): Promise<QueuedState[]> {
    const keys = ['prioritized', 'delayed', 'failed', 'active', 'wait'];
    return statesSchema.parse(await this.#run(STATES, keys, ids));
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#run(REMOVE, ['active', 'wait', 'prioritized', 'delayed', 'failed', 'stalled'], ids);
  }

  /** @returns the tokens of locks that are lost: the shard is gone, or another worker has it. */
  async renew(locks: readonly Lock[], lockMs: number): Promise<string[]> {
    const pairs = locks.flatMap(({ id, token }) => [id, token]);
    return namesSchema.parse(await this.#run(RENEW, ['stalled', 'active'], [lockMs, ...pairs]));
  }

  /** Sets what the queue holds of a shard, as long as the lock is ours. */
  async setData({ id, token }: Lock, data: string): Promise<void> {
    // A key of the queue, which says to which node of a cluster this goes.
    await this.#run(SET_DATA, ['active'], [id, token, data]);
  }

  /** Takes out what is locked by a token, where the ids are not known. @returns the ids. */
  async removeByToken(token: string): Promise<string[]> {
    const ids = namesSchema.parse(await this.#run(LOCKED_BY, ['active'], [token]));
    await this.remove(ids);
    return ids;
  }

  async #run(
    script: string,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown> {
    const { client } = this.bull.link;
    const names = keys.map((key) => this.bull.key(key));
    return client.eval(script, names.length, ...names, this.bull.key(''), ...values);
  }
}

export interface Lock {
  readonly id: string;
  readonly token: string;
}

const statesSchema = z.array(z.enum(['waiting', 'active', 'delayed', 'stalled', 'absent']));
const namesSchema = z.array(z.string());

/** A job that is in no list would never run and never be added again: it is dropped. */
const STATES = `
local states = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  if redis.call('ZSCORE', KEYS[1], id) then states[i - 1] = 'waiting'
  elseif redis.call('ZSCORE', KEYS[2], id) then states[i - 1] = 'delayed'
  elseif redis.call('ZSCORE', KEYS[3], id) then states[i - 1] = 'stalled'
  elseif redis.call('LPOS', KEYS[4], id) then states[i - 1] = 'active'
  elseif redis.call('LPOS', KEYS[5], id) then states[i - 1] = 'waiting'
  else
    redis.call('DEL', ARGV[1] .. id)
    states[i - 1] = 'absent'
  end
end
return states`;

const REMOVE = `
for i = 2, #ARGV do
  local id = ARGV[i]
  redis.call('DEL', ARGV[1] .. id, ARGV[1] .. id .. ':lock')
  redis.call('LREM', KEYS[1], 0, id)
  redis.call('LREM', KEYS[2], 0, id)
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZREM', KEYS[4], id)
  redis.call('ZREM', KEYS[5], id)
  redis.call('SREM', KEYS[6], id)
end`;

/**
 * A lock that ran out while it could not be renewed is taken again, if no other worker has the shard.
 * Prolonging one needs no memory, so that it works where Redis has none left.
 */
const RENEW = `
local lost = {}
for i = 3, #ARGV, 2 do
  local id, token = ARGV[i], ARGV[i + 1]
  local lock = ARGV[1] .. id .. ':lock'
  local holder = redis.call('GET', lock)
  if holder == token then
    redis.call('PEXPIRE', lock, ARGV[2])
    redis.call('SREM', KEYS[1], id)
  elseif not holder and redis.call('EXISTS', ARGV[1] .. id) == 1 and redis.call('LPOS', KEYS[2], id) then
    redis.call('SET', lock, token, 'PX', ARGV[2])
    redis.call('SREM', KEYS[1], id)
  else
    lost[#lost + 1] = token
  end
end
return lost`;

const SET_DATA = `
local key = ARGV[1] .. ARGV[2]
if redis.call('GET', key .. ':lock') == ARGV[3] then redis.call('HSET', key, 'data', ARGV[4]) end`;

const LOCKED_BY = `
local ids = {}
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if redis.call('GET', ARGV[1] .. id .. ':lock') == ARGV[2] then ids[#ids + 1] = id end
end
return ids`;
