import {
  canonicalJson,
  claimsPrefix,
  earlierRunsKey,
  earlierRunsPrefix,
  type ObjectStore,
  planKey,
  previousOfClaim,
  runOfPart,
  STATE_PREFIX,
} from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { z } from 'zod';

/** What precedes every run of a location: the claim of its first run is named after it. */
const BEFORE_ALL = 'first';

const noteSchema = z.object({ earlier: z.array(z.string()) });
const claimSchema = z.object({ runId: z.string() });

/** The run that an object of Shardmill belongs to; undefined for what it did not write. */
export function ownerOf(key: string): string | undefined {
  const owner = runOfPart(key) ?? previousOfClaim(key) ?? runOfNote(key);
  return owner === BEFORE_ALL ? undefined : owner;
}

/** Whether this is the claim of a location's first run: no run needs it after its plan is there. */
export function isFirstClaim(key: string): boolean {
  return previousOfClaim(key) === BEFORE_ALL;
}

/**
 * Notes once which other runs have objects at the location, when a run starts. A process that
 * comes late to that start finds the note, and so never counts a run that came after it.
 */
export async function noteEarlierRuns(
  store: ObjectStore,
  runId: string,
  start: string,
): Promise<void> {
  const key = earlierRunsKey(runId, start);
  if ((await store.head(key)) !== undefined) return;
  const owners = new Set<string>();
  for await (const info of store.list('')) {
    const owner = ownerOf(info.key);
    if (owner !== undefined && owner !== runId) owners.add(owner);
  }
  const note = { earlier: [...owners].toSorted() };
  await store.create(key, Buffer.from(canonicalJson(note)));
}

/** All runs that were noted to be earlier; undefined where there is no note, or none any more. */
export async function findEarlierRuns(
  store: ObjectStore,
  runId: string,
): Promise<ReadonlySet<string> | undefined> {
  let earlier: Set<string> | undefined;
  for await (const { key } of store.list(earlierRunsPrefix(runId))) {
    const bytes = await store.read(key);
    const note = noteSchema.safeParse(bytes === undefined ? undefined : parseJson(bytes));
    earlier ??= new Set();
    for (const run of note.data?.earlier ?? []) earlier.add(run);
  }
  return earlier;
}

/** Whether another run has begun after this one at the same location. */
export async function isFollowed(
  store: ObjectStore,
  runId: string,
  earlier: ReadonlySet<string>,
): Promise<boolean> {
  for await (const { key } of store.list(claimsPrefix(runId))) {
    if (previousOfClaim(key) !== runId) continue;
    const bytes = await store.read(key);
    const claim = claimSchema.safeParse(bytes === undefined ? undefined : parseJson(bytes));
    const follower = claim.data?.runId;
    if (follower === undefined || follower === runId || earlier.has(follower)) continue;
    // A claim alone is a run that died before it began.
    if ((await store.head(planKey(follower))) !== undefined) return true;
  }
  return false;
}

/** The run of a note under `_shardmill/`; files that are being staged belong to none. */
function runOfNote(key: string): string | undefined {
  const runId = new RegExp(`^${STATE_PREFIX}([^/]+)/.`).exec(key)?.[1];
  return runId === 'tmp' || runId === 'probe' || runId === 'claims' ? undefined : runId;
}
