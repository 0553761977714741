import { unreachable } from '@shardmill/core';
import type { ShardTask } from '@shardmill/queue';
import type { Logger } from '@shardmill/core';
import type { ShardEnd } from '../shard/shard-worker-context.js';

/** Logs how a shard ended: one line for each in-flight shard. */
export function logShardEnd(log: Logger, { message }: ShardTask, end: ShardEnd): void {
  const { run, shard, round } = message;
  const fields = { run, shard, round };
  switch (end.kind) {
    case 'done': {
      const { rows, parts } = end.record;
      log.info({ ...fields, rows, parts: parts.length, resumed: end.resumedParts }, 'shard done');
      return;
    }
    case 'found':
      log.info(fields, 'shard was done already');
      return;
    case 'handed-back':
      log.info(fields, 'shard handed back');
      return;
    case 'refused':
      log.error({ ...fields, error: end.error }, 'a queued shard was refused and taken out');
      return;
    case 'again':
      log.warn({ ...fields, error: end.error, spent: end.spent }, 'shard will be tried again');
      return;
    case 'failed':
      log.error({ ...fields, error: end.error }, 'shard failed');
      return;
    case 'abandoned':
      log.info(fields, 'shard abandoned: it was taken out of the queue');
      return;
    case 'run-gone':
      log.warn({ ...fields, deletedParts: end.deletedParts }, 'the run of the shard is gone');
      return;
    default:
      return unreachable(end, 'end');
  }
}
