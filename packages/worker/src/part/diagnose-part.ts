import { ShardmillError, toShardmillError } from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { type DamageSearch, findDamage } from './find-damage.js';
import type { KnownDamage } from './known-damage.js';

/**
 * What went wrong in a part, from the error that DuckDB gave: disk; data that cannot be decoded,
 * which is looked for row group by row group, whatever DuckDB calls it; memory; an expression that
 * failed on a value. Needs a database of its own: a fatal error leaves the old one unusable.
 * @param known gets what is found to be damaged.
 */
export async function diagnosePart(
  thrown: unknown,
  search: DamageSearch,
  known: KnownDamage,
): Promise<ShardmillError> {
  if (thrown instanceof ShardmillError) return thrown;
  const message = duckdbMessage(thrown);
  const where = `shard ${search.shard.shard}, part ${search.part.part}`;
  const detail = { where, cause: thrown };
  const fault = duckdbFault(message);
  if (fault === 'disk') return new ShardmillError('DISK_FULL', message, detail);
  // A search that fails itself, as for want of memory, finds nothing.
  const damage = await findDamage(search).catch(() => undefined);
  if (damage !== undefined) {
    if (damage.error.code === 'INPUT_DAMAGED') known.note(damage);
    return damage.error;
  }
  switch (fault) {
    case 'memory':
      return new ShardmillError('ENGINE_OUT_OF_MEMORY', message, detail);
    case 'value':
      return new ShardmillError('EXPRESSION_FAILED', message, detail);
    case 'data':
      // Everything can be read: what is wrong with a value is found by an expression.
      return message.startsWith('Invalid Input Error')
        ? new ShardmillError('EXPRESSION_FAILED', message, detail)
        : toShardmillError(new Error(message), 'INTERNAL', detail);
    default: {
      const unknown: never = fault;
      return unknown;
    }
  }
}
