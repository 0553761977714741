import { z } from 'zod';
import type { ObjectStore } from '../../store/object-store.js';
import { canonicalJson } from '../../text/canonical-json.js';
import { parseJson } from '../../text/parse-json.js';
import { tableNoteKey } from '../object-layout.js';
import type { Manifest } from '../records/record-schema.js';

/** Notes of earlier versions have no version. */
const noteSchema = z.object({ version: z.int().nonnegative().optional() });

/**
 * Notes that the parts of a run are in a version of the table that its output is: after the commit,
 * and so apart from the manifest, which is written before it and never changes.
 * @param version of the table; undefined where the log does not show any more which one it was.
 */
export async function noteTable(
  store: ObjectStore,
  runId: string,
  version: number | undefined,
): Promise<void> {
  const note = { table: 'delta', ...(version !== undefined && { version }) };
  await store.create(tableNoteKey(runId), Buffer.from(canonicalJson(note)));
}

/** The version of the table in which a run's parts became visible, where that was noted. */
export async function findTableVersion(
  store: ObjectStore,
  runId: string,
): Promise<number | undefined> {
  const bytes = await store.read(tableNoteKey(runId));
  const parsed = noteSchema.safeParse(bytes === undefined ? undefined : parseJson(bytes));
  return parsed.success ? parsed.data.version : undefined;
}

/** A stored manifest with the version of the table, where its output is one. */
export async function withTableVersion(store: ObjectStore, manifest: Manifest): Promise<Manifest> {
  const { table, runId } = manifest;
  if (table === undefined || table.version !== undefined) return manifest;
  const version = await findTableVersion(store, runId);
  return version === undefined ? manifest : { ...manifest, table: { ...table, version } };
}
