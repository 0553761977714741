import {
  digestJson,
  type ObjectStore,
  type Plan,
  PROFILE_FORMAT,
  type Profile,
} from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { profileSchema } from '@shardmill/core/schemas';
import { BASELINES_PREFIX } from '../state/state-layout.js';

/**
 * Where the profile of a training set is kept, relative to the state location: by all that it is made of, the files of
 * the set and how a job scores them. So it is made once until one of the two changes, whichever job or run wants it.
 * @param plan of the training set, as it is profiled.
 */
export function keptBaselineKey({
  scoring,
  pages,
  profile,
}: Pick<Plan, 'scoring' | 'pages' | 'profile'>): string {
  const { output, ...rest } = scoring;
  const made = {
    format: PROFILE_FORMAT,
    scoring: { ...rest, columns: output.columns },
    pages,
    profile,
  };
  return `${BASELINES_PREFIX}${digestJson(made)}.json`;
}

/** @returns undefined where there is none that can be read. @throws STORE_… */
export async function findKeptBaseline(
  store: ObjectStore,
  key: string,
): Promise<Profile | undefined> {
  const bytes = await store.read(key);
  return bytes === undefined ? undefined : profileSchema.safeParse(parseJson(bytes)).data;
}

/** Profiles that were kept before then, in milliseconds since 1970: each is made anew where it is wanted. */
export async function oldBaselines(store: ObjectStore, before: number): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(BASELINES_PREFIX)) {
    const modifiedMs = (await store.head(key))?.modifiedMs;
    if (modifiedMs !== undefined && modifiedMs < before) keys.push(key);
  }
  return keys;
}
