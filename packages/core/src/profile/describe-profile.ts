import type { BoundFeature, Plan } from '../plan/plan-schema.js';
import type { PlannedProfile } from '../plan/quality/planned-profile.js';
import { type ColumnPlace, describeColumn } from './describe-column.js';
import { PROFILE_FORMAT } from './profile-format.js';
import type { Profile } from './profile-schema.js';
import type { ProfileState } from './profile-state-schema.js';

/** The profile of a run as it is stored, from what all its parts say together. */
export function describeProfile(
  { runId, digest, job, scoring }: Pick<Plan, 'runId' | 'digest' | 'job' | 'scoring'>,
  planned: PlannedProfile,
  state: ProfileState,
): Profile {
  const types = new Map(scoring.output.columns.map(({ name, type }) => [name, type]));
  return {
    format: PROFILE_FORMAT,
    runId,
    planDigest: digest,
    job,
    model: { uri: scoring.model.uri, sha256: scoring.model.sha256 },
    features: describeFeatures(scoring.features, planned, state),
    outputs: {
      columns: state.outputs.map(({ name, state: column }) =>
        describeColumn({ name, type: types.get(name) ?? 'unknown' }, column),
      ),
    },
  };
}

/** The profile of a data set without a job, of which the features are its columns. */
export function describeDataset(
  dataset: NonNullable<Profile['dataset']>,
  {
    features,
    profile,
  }: { readonly features: readonly BoundFeature[]; readonly profile: PlannedProfile },
  state: ProfileState,
): Profile {
  return {
    format: PROFILE_FORMAT,
    runId: null,
    planDigest: null,
    job: null,
    model: null,
    dataset,
    features: describeFeatures(features, profile, state),
    outputs: { columns: [] },
  };
}

function describeFeatures(
  bound: readonly BoundFeature[],
  { sampling, features, omitted }: PlannedProfile,
  state: Pick<ProfileState, 'features' | 'sampledRows'>,
): Profile['features'] {
  const places = new Map(
    features.map(({ name, feature, column }): [string, ColumnPlace] => {
      const { input, type = 'unknown' } = bound[feature] ?? {};
      return [name, { name, input, element: column, type }];
    }),
  );
  return {
    sampling: { ...sampling, rows: state.sampledRows },
    omitted,
    columns: state.features.map(({ name, state: column }) =>
      describeColumn(places.get(name) ?? { name, type: 'unknown' }, column),
    ),
  };
}
