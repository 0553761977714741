import { type ObjectStore, type PartRecord, SUCCESS_KEY } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';

/**
 * Deletes the objects that a shard of a run has just created although the run is gone: a newer run
 * of the same location had overwritten it, and deleted its parts, while they were made. Only for a
 * run whose plan was seen to be there before and is not there now.
 *
 * The newer run deletes plans before it lists what else to delete. So a part that is created is
 * either seen by that run and deleted by it, or its plan is gone by then, which its maker sees and
 * deletes it here. What is left over is a maker that dies between the two.
 */
export async function deleteOrphanedParts(
  store: ObjectStore,
  planRun: string,
  { parts, files }: CreatedObjects,
): Promise<number> {
  if (parts.length + files.length === 0) return 0;
  // Where a user deleted the notes of a finished run by hand, its parts are kept.
  if ((await finishedRun(store)) === planRun) return 0;
  for (const key of files) await store.delete(key);
  for (const { object, rejected } of parts) {
    await store.delete(object.key);
    if (rejected !== null) await store.delete(rejected.key);
  }
  return parts.length;
}

/** What an attempt at a shard has created. */
interface CreatedObjects {
  readonly parts: readonly PartRecord[];
  /** Keys of files of parts that have one for each partition, also of a part that was never finished. */
  readonly files: readonly string[];
}

async function finishedRun(store: ObjectStore): Promise<unknown> {
  const bytes = await store.read(SUCCESS_KEY);
  return bytes === undefined ? undefined : Reflect.get(Object(parseJson(bytes)), 'runId');
}
