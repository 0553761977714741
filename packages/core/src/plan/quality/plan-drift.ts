import { ShardmillError } from '../../errors/shardmill-error.js';
import type { JobDrift } from '../../job/quality/drift-schema.js';
import { foldName } from '../../names/match-name.js';
import type { Profile } from '../../profile/profile-schema.js';
import { canonicalJson, digestJson } from '../../text/canonical-json.js';
import { suggestion } from '../../text/nearest-name.js';
import { shellWord } from '../../text/shell-word.js';
import { fitDataset } from './fit-dataset.js';
import type { PlannedDrift } from './planned-drift.js';
import type { ProfiledPlace } from './profiled-place.js';

/** A profile that runs are compared with. */
export interface Baseline {
  /** Where it was read. */
  readonly uri: string;
  readonly profile: Profile;
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
 * since the first run that is profiled follows on one that is not: what it lacks is not compared, and said. A data set
 * that was profiled without a job has no outputs: features alone are compared with it.
 * @param found undefined where there is no earlier run.
 * @throws DRIFT_COLUMN_UNKNOWN, DRIFT_BASELINE_MISMATCH
 */
export function planDrift(
  { baseline: reference, columns: own, metrics, features, severity }: JobDrift,
  places: readonly ProfiledPlace[],
  found: Baseline | undefined,
): DriftPlan {
  const settings = settingsOf(own, places);
  const isDataset = found?.profile.dataset !== undefined;
  const fitted = isDataset ? fitDataset(found.profile, places) : undefined;
  const baseline = found && { ...found, profile: fitted?.profile ?? found.profile };
  const compared = places.filter(({ name, of }) => {
    const isThere = of === 'feature' ? features : !isDataset;
    return isThere && settings.get(name) !== false;
  });
  if (isDataset && compared.length === 0) throw nothingCompared(found);
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
    notices:
      fitted === undefined
        ? noticesOf(baseline, unlike)
        : datasetNotices(fitted.computed.filter((place) => compared.includes(place))),
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
    ...(baseline?.profile.dataset !== undefined && {
      remedy: `It is the profile of a data set as it is. Profile that as the job sees it, with \`shardmill profile create JOB --input ${shellWord(baseline.profile.dataset.uri)} --output FILE\`, or leave the column out: drift: { columns: { NAME: false } }.`,
    }),
  });
}

function nothingCompared({ uri }: Baseline): ShardmillError {
  return new ShardmillError(
    'DRIFT_BASELINE_MISMATCH',
    'the baseline is the profile of a data set, which has no outputs, and no feature is compared',
    { where: uri },
  );
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

function datasetNotices(computed: readonly ProfiledPlace[]): string[] {
  const some = computed
    .slice(0, MAX_NAMED)
    .map(({ name, expression = '' }) => `"${name}" (${expression})`);
  const more = computed.length - some.length;
  return [
    'drift: outputs are not compared: the baseline is the profile of a data set, which has none',
    ...(some.length === 0
      ? []
      : [
          `drift: features that the job computes are compared with the columns of their names as they are: ${some.join(', ')}${more > 0 ? `, and ${more} more` : ''}`,
        ]),
  ];
}
