import type { DuckDBConnection } from '@duckdb/node-api';

/** How two columns of numbers agree, over the rows in which both are finite. */
export interface NumberAgreement {
  readonly means: { readonly scores: number | null; readonly expected: number | null };
  /** The mean of the absolute differences. */
  readonly meanDifference: number | null;
  /**
   * Spearman's coefficient: Pearson's over the ranks, where rows of one value share the mean of their
   * ranks. Null where one side has a single value.
   */
  readonly rankCorrelation: number | null;
}

/** @param a, b columns of `table`, both DOUBLE. */
export async function numberAgreement(
  connection: DuckDBConnection,
  table: string,
  a: string,
  b: string,
): Promise<NumberAgreement> {
  const reader = await connection.runAndReadAll(
    `WITH pairs AS (SELECT ${a} AS a, ${b} AS b FROM ${table} WHERE isfinite(${a}) AND isfinite(${b})),
     ranks AS (SELECT *, ${meanRank('a')} AS rank_a, ${meanRank('b')} AS rank_b FROM pairs)
     SELECT avg(a), avg(b), avg(abs(a - b)),
       CASE WHEN min(a) < max(a) AND min(b) < max(b) THEN corr(rank_a, rank_b) END FROM ranks`,
  );
  const [row = []] = reader.getRows();
  const [scores, expected, meanDifference, rankCorrelation] = row.map((value) =>
    typeof value === 'number' && Number.isFinite(value) ? value : null,
  );
  return {
    means: { scores: scores ?? null, expected: expected ?? null },
    meanDifference: meanDifference ?? null,
    rankCorrelation: rankCorrelation ?? null,
  };
}

const meanRank = (column: string): string =>
  `rank() OVER (ORDER BY ${column}) + (count(*) OVER (PARTITION BY ${column}) - 1) / 2.0`;
