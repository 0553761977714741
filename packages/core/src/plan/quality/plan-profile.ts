import { ShardmillError } from '../../errors/shardmill-error.js';
import type { JobProfile } from '../../job/quality/profile-schema.js';
import { foldName } from '../../names/match-name.js';
import { ALL_ROWS, chooseSampling } from '../../profile/row-sample.js';
import { suggestion } from '../../text/nearest-name.js';
import type { BoundFeature } from '../plan-schema.js';
import type { PlannedProfile } from './planned-profile.js';

/** Of more features, a job has to name those that it wants. */
const MAX_FEATURES = 256;

/**
 * What the profile of a run is of.
 * @param rows of the plan. @throws PROFILE_FEATURE_UNKNOWN
 */
export function planProfile(
  profile: JobProfile | undefined,
  features: readonly BoundFeature[],
  rows: number,
): PlannedProfile {
  const { features: wanted, rows: which } = profile ?? { features: false, rows: 'sample' };
  const all = features.reduce((sum, { columns }) => sum + columns.length, 0);
  const chosen = chooseColumns(wanted, profileColumns(features));
  return {
    sampling: which === 'all' ? ALL_ROWS : chooseSampling(rows),
    features: chosen.map(({ name, feature, column }) => ({ name, feature, column })),
    omitted: all - chosen.length,
  };
}

type NamedColumn = PlannedProfile['features'][number] & { readonly input: string };

function chooseColumns(
  wanted: JobProfile['features'],
  columns: readonly NamedColumn[],
): NamedColumn[] {
  if (typeof wanted === 'boolean') return wanted ? columns.slice(0, MAX_FEATURES) : [];
  const chosen = new Set<NamedColumn>();
  for (const name of wanted) {
    const key = foldName(name);
    const found = columns.filter(
      (column) => foldName(column.name) === key || foldName(column.input) === key,
    );
    if (found.length === 0) {
      const known = columns.flatMap(({ name: own, input }) => [own, input]);
      throw new ShardmillError(
        'PROFILE_FEATURE_UNKNOWN',
        `profile.features names "${name}", which is no feature with a profile.${suggestion(name, [...new Set(known)])}`,
      );
    }
    for (const column of found) chosen.add(column);
  }
  return columns.filter((column) => chosen.has(column));
}

/**
 * Columns of which there can be a profile: single values and texts, but neither lists nor images. One
 * of an input by itself has the name of the input, one of a packed input its own.
 */
export function profileColumns(features: readonly BoundFeature[]): NamedColumn[] {
  const taken = new Set<string>();
  return features.flatMap(({ input, layout, tokens, columns }, feature) => {
    if (layout === 'list' || layout === 'image') return [];
    // The mask and the types are of the same text.
    if (layout === 'tokens' && tokens !== 'ids') return [];
    return columns.map(({ label }, column) => {
      const plain = columns.length === 1 ? input : label;
      const name = taken.has(plain) ? `${input}[${column}]` : plain;
      taken.add(name);
      return { name, input, feature, column };
    });
  });
}
