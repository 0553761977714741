import type { Plan } from '../plan/plan-schema.js';
import type { PlannedProfile } from '../plan/quality/planned-profile.js';
import { type ColumnPlace, describeColumn } from './describe-column.js';
import { PROFILE_FORMAT } from './profile-format.js';
import type { Profile } from './profile-schema.js';
import type { ProfileState } from './profile-state-schema.js';

/** The profile of a run as it is stored, from what all its parts say together. */
export function describeProfile(
  { runId, digest, job, scoring }: Pick<Plan, 'runId' | 'digest' | 'job' | 'scoring'>,
  { sampling, features, omitted }: PlannedProfile,
  state: ProfileState,
): Profile {
  const places = new Map(
    features.map(({ name, feature, column }): [string, ColumnPlace] => {
      const bound = scoring.features[feature];
      return [name, { name, input: bound?.input, element: column, type: bound?.type ?? 'unknown' }];
    }),
  );
  const types = new Map(scoring.output.columns.map(({ name, type }) => [name, type]));
  return {
    format: PROFILE_FORMAT,
    runId,
    planDigest: digest,
    job,
    model: { uri: scoring.model.uri, sha256: scoring.model.sha256 },
    features: {
      sampling: { ...sampling, rows: state.sampledRows },
      omitted,
      columns: state.features.map(({ name, state: column }) =>
        describeColumn(places.get(name) ?? { name, type: 'unknown' }, column),
      ),
    },
    outputs: {
      columns: state.outputs.map(({ name, state: column }) =>
        describeColumn({ name, type: types.get(name) ?? 'unknown' }, column),
      ),
    },
  };
}
