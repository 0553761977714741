import { unreachable } from '@shardmill/core';
import type { RedisNotice } from '@shardmill/queue';
import type { Logger } from './log.js';

/** Writes the notices of Redis and the queue into a log. */
export function logNotice(log: Logger, notice: RedisNotice): void {
  const { kind, ...fields } = notice;
  switch (kind) {
    case 'redis-lost':
      log.warn(fields, 'Redis does not answer: waiting for it');
      return;
    case 'redis-back':
      log.info(fields, 'Redis is back');
      return;
    case 'message-unreadable':
      log.error(fields, 'a queued shard could not be read and was taken out');
      return;
    case 'work-threw':
      log.error(fields, 'a shard was handed back after an unexpected error');
      return;
    case 'shard-abandoned':
      log.warn(fields, 'a shard is not ours any more: its lock ran out, or it was taken out');
      return;
    case 'redis-refused':
      log.warn(fields, 'Redis refused a command');
      return;
    default:
      unreachable(kind, 'notice');
  }
}
