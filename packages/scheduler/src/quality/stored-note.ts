import { canonicalJson, type ObjectStore, ShardmillError } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';

/** The part of a zod schema that is needed. */
interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

/** A note on a run, or undefined where there is none. @throws PLAN_MISMATCH where this version cannot read it */
export async function readNote<T>(
  store: ObjectStore,
  key: string,
  schema: Schema<T>,
): Promise<T | undefined> {
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  throw new ShardmillError('PLAN_MISMATCH', 'this version cannot read it', {
    where: store.locate(key),
    cause: parsed.error,
  });
}

/**
 * Writes a note, which is created once.
 * @returns the one that is there: another process may have been first. @throws PLAN_MISMATCH
 */
export async function createNote<T>(
  store: ObjectStore,
  key: string,
  note: T,
  schema: Schema<T>,
): Promise<T> {
  const created = await store.create(key, Buffer.from(canonicalJson(note)));
  return created === 'created' ? note : ((await readNote(store, key, schema)) ?? note);
}
