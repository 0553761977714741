import { type Manifest, manifestKey, runOfPart, SUCCESS_KEY } from '@shardmill/core';
import { type Invariants, Violation } from './invariants.js';
import type { Scenario } from './scenario.js';
import { STATE } from './sim-scheduler.js';
import type { ObjectSpace } from './sim-store.js';
import { decode, type LoggedRun, loggedRuns, turnsOf } from './state-log.js';

/** What must hold when everything has come to rest. @throws Violation */
export function checkEnd(space: ObjectSpace, invariants: Invariants, scenario: Scenario): void {
  const runs = loggedRuns(space);
  checkKeys(space, runs, scenario);
  for (const run of runs) checkOutcome(run, scenario, runs);
  for (const location of new Set(runs.map(({ output }) => output))) {
    checkLocation(space, invariants, location, runs);
  }
}

/** One run for each key, however often it was submitted. */
function checkKeys(space: ObjectSpace, runs: readonly LoggedRun[], scenario: Scenario): void {
  const keys = space.keys(STATE, 'keys/').length;
  const wanted = scenario.second === 'none' ? 1 : 2;
  if (keys !== wanted || runs.length !== wanted) {
    throw new Violation(12, `${runs.length} runs and ${keys} keys of ${wanted} submissions`);
  }
}

/** A run fails for a reason of its own only: nothing that merely interrupts it is one. */
function checkOutcome(
  { run, end, output }: LoggedRun,
  { faults, second }: Scenario,
  runs: readonly LoggedRun[],
): void {
  if (end?.kind !== 'failed') return;
  const has = (...kinds: string[]): boolean => faults.some(({ kind }) => kinds.includes(kind));
  const reasons = new Set<string>();
  if (has('poison')) reasons.add('INPUT_DAMAGED').add('SHARDS_FAILED');
  if (has('overwrite-input')) reasons.add('INPUT_CHANGED').add('SHARDS_FAILED');
  if (second !== 'none' && runs.filter((other) => other.output === output).length > 1) {
    // The other run was first there, or has taken its place.
    reasons.add('OUTPUT_EXISTS').add('PLAN_MISMATCH');
  }
  if (!reasons.has(end.error.code)) {
    throw new Violation(11, `run ${run} failed: ${end.error.code} ${end.error.message}`);
  }
}

function checkLocation(
  space: ObjectSpace,
  { strays }: Invariants,
  location: string,
  runs: readonly LoggedRun[],
): void {
  const objects = space.objects(location);
  const visible = space.keys(location).filter((key) => runOfPart(key) !== undefined);
  // A stray part that its maker died over stays until the next run of the location.
  for (const [place, maker] of strays) {
    if (place.startsWith(`${location}/`) && maker.diedAt === undefined) {
      throw new Violation(5, `${maker.id} did not delete its orphaned part ${place}`);
    }
  }
  const here = runs.filter(({ output }) => output === location);
  const turns = turnsOf(space, location);
  const last = here
    .filter(({ planRun }) => planRun !== undefined)
    .toSorted((a, b) => turns.lastIndexOf(a.run) - turns.lastIndexOf(b.run))
    .at(-1);
  const bytes = objects.get(SUCCESS_KEY);
  const success = bytes === undefined ? undefined : decode<{ runId: string }>(bytes).runId;
  if (last?.end?.kind === 'finished' && success !== last.planRun) {
    throw new Violation(5, `run ${last.run} has finished, and _SUCCESS names ${success}`);
  }
  if (success === undefined) return;
  const manifests = space
    .keys(location, '_shardmill/')
    .filter((key) => key.endsWith('/manifest.json'))
    .map((key) => decode<Manifest>(objects.get(key)));
  const own = manifests.find(({ runId }) => runId === success);
  if (own === undefined) throw new Violation(5, `${manifestKey(success)} is not there`);
  const named = new Set(manifests.flatMap(({ parts }) => parts.map(({ key }) => key)));
  for (const key of visible) {
    if (!named.has(key) && !strays.has(`${location}/${key}`)) {
      throw new Violation(1, `${key} is visible, and no manifest names it`);
    }
  }
  for (const { key } of own.parts) {
    if (!objects.has(key)) throw new Violation(1, `${key} of the manifest is gone`);
  }
}
