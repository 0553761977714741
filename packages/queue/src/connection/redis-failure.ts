import { ShardmillError } from '@shardmill/core';
import { isTlsMismatch } from './tls-mismatch.js';

/** Any failure of a command or a connection as REDIS_UNREACHABLE, with what can be done about it. */
export function redisFailure(thrown: unknown, where: string): ShardmillError {
  if (thrown instanceof ShardmillError) return thrown;
  const said = messageOf(thrown);
  const { message, remedy } = explain(said);
  return new ShardmillError('REDIS_UNREACHABLE', message, { where, remedy, cause: thrown });
}

/** What an error says, the one behind it where it says nothing itself. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) return thrown.errors.map(messageOf).join('; ');
  if (!(thrown instanceof Error)) return String(thrown);
  const { lastNodeError } = Object.assign({ lastNodeError: undefined }, thrown);
  return lastNodeError === undefined ? thrown.message : messageOf(lastNodeError);
}

function explain(said: string): { readonly message: string; readonly remedy?: string } {
  if (said.startsWith('OOM ')) {
    return {
      message: `Redis is at its memory limit: ${said}`,
      remedy: 'Raise maxmemory; what waits in the queue goes on by itself then.',
    };
  }
  if (/WRONGPASS|NOAUTH|NOPERM|invalid username-password/i.test(said)) {
    return {
      message: `Redis refused the user: ${said}`,
      remedy: 'Check user and password, and what the user may do (`shardmill docs operations`).',
    };
  }
  if (isTlsMismatch(said)) {
    return {
      message: `Redis does not answer: ${said}`,
      remedy: 'Use rediss:// for a port with TLS and redis:// for one without, or the other port.',
    };
  }
  if (/certificate|SSL|TLS/i.test(said)) {
    return {
      message: `no secure connection: ${said}`,
      remedy: 'Check redis.tls.ca, redis.tls.cert and redis.tls.key, and that the port speaks TLS.',
    };
  }
  return { message: `Redis does not answer: ${said}` };
}
