import { randomBytes } from 'node:crypto';
import { ShardmillError } from '../errors/shardmill-error.js';
import { STATE_PREFIX } from '../plan/object-layout.js';
import type { ObjectStore } from './object-store.js';
import { S3Store } from './s3/s3-store.js';

/**
 * Tries whether a store refuses to create an object that is there, on which the promise rests that
 * no row is doubled. Writes a throw-away object and deletes it. A folder always does.
 * @param key of an object that nothing else uses.
 * @throws STORE_UNSUPPORTED where it overwrites; what the store throws where it cannot be tried.
 */
export async function probeConditionalWrites(
  store: ObjectStore,
  key = `${STATE_PREFIX}probe/${randomBytes(8).toString('hex')}`,
): Promise<void> {
  if (!(store instanceof S3Store)) return;
  if (store.connection.settings.conditionalWrites === 'unchecked') return;
  try {
    if (await store.refusesSecondCreate(key)) return;
  } finally {
    // A policy may allow writing and not deleting: an empty object then stays behind.
    await store.delete(key).catch(() => {});
  }
  throw new ShardmillError(
    'STORE_UNSUPPORTED',
    'the store ignores conditions: it overwrote an object in spite of If-None-Match: *',
    {
      where: store.uri,
      remedy:
        "Use a store that honours If-None-Match on PUT. With conditionalWrites: 'unchecked' (SHARDMILL_S3_CONDITIONAL_WRITES=unchecked) a run goes on without; rows may then be lost or doubled.",
    },
  );
}
