import type { Scoring } from '@shardmill/core';
import { selectList } from '../bind/bind-outputs.js';
import { quoteName } from '../sql/quote.js';

/** What expressions know as the table of the model's outputs is here a column of structs. */
export const MODEL_COLUMN = 'model';

/**
 * A part's results as one query: the rows of the source, the model's function over their features,
 * and the output's expressions over both. Nothing filters above the function, which stands in a
 * level of its own, so that it sees each row that `where` leaves once.
 * @param source the part's rows, from `partSource`.
 * @param call the function's name and the argument that tells whose call it is.
 */
export function onePassSelect(
  scoring: Scoring,
  source: string,
  call: { readonly name: string; readonly ticket: number },
): string {
  const features = scoring.features.flatMap((feature) => feature.columns.map(({ sql }) => sql));
  const asked = `${quoteName(call.name)}(${[...features, `${call.ticket}::INTEGER`].join(', ')})`;
  const outputs = scoring.model.outputs.map(({ name }) => {
    const quoted = quoteName(name);
    return `${MODEL_COLUMN}.${quoted} AS ${quoted}`;
  });
  return `SELECT ${selectList(scoring.output.columns)}
    FROM (SELECT ${['*', ...outputs].join(', ')}
      FROM (SELECT *, ${asked} AS ${MODEL_COLUMN} FROM ${source}) AS input) AS input`;
}
