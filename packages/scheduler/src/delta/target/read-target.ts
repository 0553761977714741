import { type Plan, ShardmillError } from '@shardmill/core';
import { listLog } from '../log/log-files.js';
import { type LogReader, readSnapshot } from '../log/read-snapshot.js';
import type { Snapshot } from '../log/snapshot.js';
import { checkTarget, type TargetColumns } from './check-target.js';

/** The table at a location as it is now; undefined where there is none. @throws TABLE_…, STORE_… */
export async function readTarget(reader: LogReader): Promise<Snapshot | undefined> {
  const log = await listLog(reader.store, reader.signal);
  return log === undefined ? undefined : readSnapshot(reader, log);
}

/**
 * Refuses, before anything is scored, a table that the run could not be committed to.
 * @throws OUTPUT_EXISTS, TABLE_…, STORE_…
 */
export async function requireTarget(reader: LogReader, target: TargetColumns): Promise<void> {
  const snapshot = await readTarget(reader);
  if (snapshot !== undefined) refuseCreate(snapshot, target.mode, reader.store.uri);
  checkTarget(snapshot, target, reader.store.uri);
}

function refuseCreate({ version }: Snapshot, mode: Plan['mode'], where: string): void {
  if (mode !== 'create') return;
  throw new ShardmillError('OUTPUT_EXISTS', `a table of Delta Lake is there, version ${version}`, {
    where,
    remedy: 'Use --mode append or overwrite, or another location.',
  });
}
