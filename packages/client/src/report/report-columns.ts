import { columnSummarySchema, type ReportColumn } from '../documents/report-schema.js';

/** Columns beyond these are in the manifest. */
const MAX_COLUMNS = 60;

interface ColumnFacts {
  readonly schema: readonly { readonly name: string; readonly type: string }[];
  /** Names of those that hold what the model said; undefined where that is not known. */
  readonly computed: readonly string[] | undefined;
  readonly statistics: Readonly<Record<string, unknown>>;
}

/** The columns of the result with what is known of their values: what the model said first. */
export function columnsOf({ schema, computed, statistics }: ColumnFacts): ReportColumn[] {
  const columns = schema.flatMap(({ name, type }): ReportColumn[] => {
    const known = columnSummarySchema.safeParse(statistics[name]);
    if (!known.success) return [];
    const { count, nulls, nan, infinite, min, max, mean, deciles, points } = known.data;
    return [
      {
        name,
        type,
        computed: computed?.includes(name) ?? true,
        rows: count,
        nulls,
        nan: nan ?? null,
        infinite: infinite ?? null,
        min: min ?? null,
        max: max ?? null,
        mean: mean ?? null,
        deciles: deciles ?? [],
        points: points ?? [],
      },
    ];
  });
  const rank = ({ computed: own }: ReportColumn): number => (own ? 0 : 1);
  return columns.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_COLUMNS);
}
