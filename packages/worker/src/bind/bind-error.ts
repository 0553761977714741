import { ShardmillError, suggestion } from '@shardmill/core';

/** What DuckDB says of an expression that it cannot bind, as an error of the job's. */
export function bindError(
  message: string,
  where: string,
  known: readonly { readonly name: string }[],
): ShardmillError {
  // The second is said of `x: 'x'`: the name is known, but only as the column that is being made.
  const missing =
    /(?:Referenced c|C)olumn "((?:[^"]|"")*)" (?:(?:was )?not found|referenced that exists in the SELECT clause)/.exec(
      message,
    )?.[1];
  if (missing !== undefined) {
    return new ShardmillError(
      'COLUMN_NOT_FOUND',
      `there is no column "${missing}".${suggestion(
        missing,
        known.map((c) => c.name),
        'Columns are',
      )}`,
      { where },
    );
  }
  const ambiguous = /Ambiguous reference to column name/.test(message);
  return new ShardmillError(ambiguous ? 'EXPRESSION_AMBIGUOUS' : 'EXPRESSION_INVALID', message, {
    where,
  });
}
