import { ShardmillError } from '../../errors/shardmill-error.js';
import type { JobDrift } from '../../job/quality/drift-schema.js';
import { foldName } from '../../names/match-name.js';
import type { Profile } from '../../profile/profile-schema.js';
import { canonicalJson, digestJson } from '../../text/canonical-json.js';
import { suggestion } from '../../text/nearest-name.js';
import type { PlannedDrift } from './planned-drift.js';

/** A profile that runs are compared with. */
export interface Baseline {
  /** Where it was read. */
  readonly uri: string;
  readonly profile: Profile;
}

/** A feature or an output of the run that has a profile. */
export interface ProfiledPlace {
  readonly name: string;
  readonly of: 'feature' | 'output';
  readonly type: string;
}

export interface DriftPlan {
  readonly planned: PlannedDrift;
  /** The baseline as the run keeps it, by the digest that `planned` names; undefined where there is none. */
  readonly kept: string | undefined;
  /** Sentences for the plan's `notices`. */
  readonly notices: readonly string[];
}

/**
 * What a run is to be compared with. A baseline that a job names must have all of it. An earlier run may have less,
 * since the first run that is profiled follows on one that is not: what it lacks is not compared, and said.
 * @param baseline undefined where there is no earlier run.
 * @throws DRIFT_COLUMN_UNKNOWN, DRIFT_BASELINE_MISMATCH
 */
export function planDrift(
  { baseline: reference, columns: own, metrics, features, severity }: JobDrift,
  places: readonly ProfiledPlace[],
  baseline: Baseline | undefined,
): DriftPlan {
  const settings = settingsOf(own, places);
  const compared = places.filter(
    ({ name, of }) => settings.get(name) !== false && (features || of === 'output'),
  );
  const unlike =
    baseline === undefined ? [] : compared.flatMap((place) => faultOf(place, baseline));
  const refused =
    reference === 'previous' ? [] : unlike.filter((fault) => !isOfEarlierVersion(fault));
  if (refused.length > 0) throw mismatch(refused, baseline);
  const left = new Set(unlike.map(({ place }) => place));
  const columns = compared
    .filter((place) => !left.has(place))
    .map(({ name, of }) => ({ name, of, thresholds: settings.get(name) || metrics }));
  const pinned = baseline && {
    uri: baseline.uri,
    runId: baseline.profile.runId,
    sha256: digestJson(baseline.profile),
  };
  return {
    planned: { severity, baseline: pinned ?? null, columns },
    kept: baseline && canonicalJson(baseline.profile),
    notices: noticesOf(baseline, unlike),
  };
}

/** By the names of the columns as they are. */
function settingsOf(
  own: JobDrift['columns'],
  places: readonly ProfiledPlace[],
): ReadonlyMap<string, JobDrift['columns'][string]> {
  const settings = new Map<string, JobDrift['columns'][string]>();
  for (const [name, setting] of Object.entries(own)) {
    const found = places.filter((place) => foldName(place.name) === foldName(name));
    if (found.length === 0) {
      const known = [...new Set(places.map((place) => place.name))];
      throw new ShardmillError(
        'DRIFT_COLUMN_UNKNOWN',
        `drift.columns names "${name}", which is no feature and no output with a profile.${suggestion(name, known)}`,
      );
    }
    for (const place of found) settings.set(place.name, setting);
  }
  return settings;
}

interface Fault {
  readonly place: ProfiledPlace;
  /** What the baseline has instead. */
  readonly seen: string;
  readonly isMissing: boolean;
}

function faultOf(place: ProfiledPlace, { profile }: Baseline): Fault[] {
  const { columns } = place.of === 'feature' ? profile.features : profile.outputs;
  const found = columns.find(({ name }) => name === place.name);
  if (found === undefined) return [{ place, seen: 'does not have it', isMissing: true }];
  if (found.type !== place.type)
    return [{ place, seen: `has it as ${found.type}`, isMissing: false }];
  return [];
}

/** Profiles of earlier versions have no outputs that are texts: that is no fault of the job. */
function isOfEarlierVersion({ place, isMissing }: Fault): boolean {
  return isMissing && place.of === 'output' && place.type === 'VARCHAR';
}

/** Columns that a message names. */
const MAX_NAMED = 5;

function listOf(faults: readonly Fault[]): string {
  const some = faults
    .slice(0, MAX_NAMED)
    .map(
      ({ place: { of, name, type }, seen }) => `${of} "${name}" is ${type}, the baseline ${seen}`,
    );
  const more = faults.length - some.length;
  return [...some, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function mismatch(faults: readonly Fault[], baseline: Baseline | undefined): ShardmillError {
  return new ShardmillError('DRIFT_BASELINE_MISMATCH', listOf(faults), {
    ...(baseline !== undefined && { where: baseline.uri }),
  });
}

function noticesOf(baseline: Baseline | undefined, faults: readonly Fault[]): string[] {
  if (baseline === undefined) {
    return [
      'drift: there is no earlier run with a profile to compare with; the next one has this one',
    ];
  }
  if (faults.length === 0) return [];
  return [`drift: not compared with run ${baseline.profile.runId}: ${listOf(faults)}`];
}
