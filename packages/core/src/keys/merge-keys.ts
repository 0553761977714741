import { readSample, smallestHashes, storeSample } from './key-sample.js';
import type { KeyState } from './key-state-schema.js';

/** Parts that are named in a message. */
const MAX_WORST_PARTS = 5;

/** Puts together what parts, or shards, say of the keys of all checks; their order makes no difference. */
export function mergeKeys(states: readonly KeyState[]): KeyState[] {
  const groups = new Map<string, [KeyState, ...KeyState[]]>();
  for (const state of states) {
    const id = JSON.stringify([state.name, state.hash]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [state]);
    else group.push(state);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => mergeGroup(group));
}

function mergeGroup([first, ...others]: readonly [KeyState, ...KeyState[]]): KeyState {
  if (others.length === 0) return first;
  const all = [first, ...others];
  const sum = (of: (state: KeyState) => number): number =>
    all.reduce((total, state) => total + of(state), 0);
  return {
    name: first.name,
    hash: first.hash,
    rows: sum(({ rows }) => rows),
    repeated: sum(({ repeated }) => repeated),
    repeatingParts: sum(({ repeatingParts }) => repeatingParts),
    worst: all
      .flatMap(({ worst }) => worst)
      .toSorted((a, b) => b.repeated - a.repeated || a.shard - b.shard || a.part - b.part)
      .slice(0, MAX_WORST_PARTS),
    ...storeSample(smallestHashes(all.map(readSample))),
  };
}
