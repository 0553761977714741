import type { ShardCounts } from '@shardmill/queue';
import { formatCount } from '../text/format.js';
import type { Colors } from '../text/style.js';

/** `12 done, 2 active, 13 waiting`: what there is none of is left out, done is always said. */
export function shardCountsText(shards: ShardCounts, colors: Colors): string {
  const part = (n: number, word: string): string[] => (n > 0 ? [`${formatCount(n)} ${word}`] : []);
  return [
    `${formatCount(shards.done)} of ${formatCount(shards.planned)} done`,
    ...part(shards.active, 'active'),
    ...part(shards.waiting, 'waiting'),
    ...part(shards.delayed, 'waiting for their next attempt'),
    ...part(shards.failed, 'failed').map((text) => colors.red(text)),
  ].join(', ');
}
