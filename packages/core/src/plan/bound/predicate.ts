/**
 * A condition on single columns, as far as `where` can be decided from statistics. It is a plain
 * value: the engine makes it from DuckDB's own parse of the expression, the planner evaluates it.
 * What it cannot say is `unknown`, which rules nothing out.
 */
export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Predicate[] }
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly op: '=' | '!=' | '<' | '<=' | '>' | '>=';
      readonly value: PredicateValue;
    }
  | { readonly kind: 'is-null' | 'is-not-null'; readonly column: string }
  | { readonly kind: 'unknown' };

/**
 * A constant of the expression. Dates are days and timestamps microseconds since 1970 (UTC), as
 * Parquet stores them; text compares by its UTF-8 bytes.
 */
export type PredicateValue =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'date'; readonly days: number }
  | { readonly type: 'timestamp'; readonly micros: bigint };
