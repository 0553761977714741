import type { Profile, ProfileColumn } from './profile-schema.js';

/** A row of an exported profile: its keys are the columns that `docs/quality.md` lists. */
type ProfileRow = Readonly<Record<string, unknown>>;

/** A row for each column of a profile, features first; all that the profile says but the sketches. */
export function profileRows(profile: Profile): ProfileRow[] {
  const { runId, job, model, features, outputs } = profile;
  const run = { run_id: runId, job: job?.name ?? null, model_sha256: model?.sha256 ?? null };
  return [
    ...features.columns.map((column) => ({ ...run, side: 'feature', ...rowOf(column) })),
    ...outputs.columns.map((column) => ({ ...run, side: 'output', ...rowOf(column) })),
  ];
}

function rowOf(column: ProfileColumn): ProfileRow {
  const { name, input, element, type, kind, count, nulls, distinct, top } = column;
  const common = {
    name,
    input,
    element,
    type,
    kind,
    count,
    nulls,
    distinct_count: distinct.count,
    distinct_exact: distinct.exact,
    // Of numbers as well: one column of Parquet has one type.
    top: top?.map(({ value, count: rows }) => ({ value: String(value), count: rows })) ?? null,
  };
  switch (column.kind) {
    case 'number': {
      const { nan, infinite, min, max, mean, standardDeviation, quantiles, histogram } = column;
      const shape = { nan, infinite, min, max, mean, standard_deviation: standardDeviation };
      return { ...common, ...shape, quantiles, histogram };
    }
    case 'text': {
      const { minLength, maxLength, meanLength } = column;
      return {
        ...common,
        min_length: minLength,
        max_length: maxLength,
        mean_length: meanLength,
      };
    }
    default: {
      const unknown: never = column;
      return unknown;
    }
  }
}
