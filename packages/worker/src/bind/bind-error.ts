import { ShardmillError, suggestion } from '@shardmill/core';

/** Names of half floats elsewhere: in NumPy and Arrow, in PyTorch, in pgvector. */
const HALF = /^Catalog Error: Type with name ((?:b?float16|half|halfvec|half_float|float2))\b/i;

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
  const half = HALF.exec(message)?.[1];
  if (half !== undefined) {
    return new ShardmillError(
      'EXPRESSION_INVALID',
      `there is no type ${half}: half floats cannot be written to Parquet`,
      {
        where,
        remedy:
          'Write FLOAT, of which a vector store makes half floats as it loads them, or float16_bits(…) for half of the bytes, or int8_quantize(…) and int8_scale(…) for a quarter.',
      },
    );
  }
  const ambiguous = /Ambiguous reference to column name/.test(message);
  return new ShardmillError(ambiguous ? 'EXPRESSION_AMBIGUOUS' : 'EXPRESSION_INVALID', message, {
    where,
  });
}
