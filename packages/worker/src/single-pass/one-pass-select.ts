import { foldName, type Scoring, sqlNameLookup } from '@shardmill/core';
import { selectList } from '../bind/outputs/bind-outputs.js';
import { storedSelect } from '../bind/features/stored-type.js';
import { KEY } from '../scan/part-source.js';
import { codedText, type PlacesByInput } from '../text-tables/text-places.js';
import { quoteName } from '../duckdb/quote.js';
import { challengerArguments, challengerFields } from './challenger-arguments.js';

/** What expressions know as the table of the model's outputs is here a column of structs. */
export const MODEL_COLUMN = 'model';

/** The function's name, and the argument that says which part's call it is. */
interface FunctionTicket {
  readonly name: string;
  readonly ticket: number;
}

/**
 * A part's results as one query: the rows of the source, the model's function over their features,
 * and the output's expressions over both. Nothing filters above the function, which stands in a
 * level of its own, so that it sees each row that `where` leaves once; those for which it gives null
 * are left out afterwards.
 * @param source the part's rows, from `partSource`.
 * @param rejecting whether there are rows to reject.
 * @param places of features' texts, as which these come to the function.
 */
export function onePassSelect(
  scoring: Scoring,
  source: string,
  call: FunctionTicket,
  rejecting: boolean,
  places: PlacesByInput,
): string {
  const others = challengerFields(scoring).map(({ name }) => name);
  const outputs = [...unqualifiedOutputs(scoring), ...others].map((name) => {
    const quoted = quoteName(name);
    return `${MODEL_COLUMN}.${quoted} AS ${quoted}`;
  });
  const select = `SELECT ${selectList(scoring.output.columns)}
    FROM (SELECT ${['*', ...outputs].join(', ')}
      FROM (SELECT *, ${asked(scoring, call, places)} AS ${MODEL_COLUMN}
        FROM ${withPlaces(scoring, source, places)}) AS input
      ${rejecting ? `WHERE ${MODEL_COLUMN} IS NOT NULL` : ''}) AS input`;
  return storedSelect(scoring.output.columns, select);
}

/**
 * The outputs that expressions can name without `model.`, by their names in SQL: not those whose name a
 * column of the input has too, which is ambiguous between two tables and refused when the job is bound.
 */
function unqualifiedOutputs({ input, model }: Scoring): string[] {
  const columnName = sqlNameLookup(input.columns, 'column');
  const columns = new Set(input.used.map((name) => foldName(columnName(name))));
  const outputName = sqlNameLookup(model.outputs, 'output');
  return model.outputs
    .map(({ name }) => outputName(name))
    .filter((name) => !columns.has(foldName(name)));
}

/** Has the function see the same rows, and counts them. */
export function surveySelect(
  scoring: Scoring,
  source: string,
  call: FunctionTicket,
  places: PlacesByInput,
): string {
  return `SELECT count(${asked(scoring, call, places)}) FROM ${withPlaces(scoring, source, places)}`;
}

/** The rows with columns of places that are computed first, each once. */
function withPlaces({ features }: Scoring, source: string, places: PlacesByInput): string {
  const columns = features.flatMap(({ input, columns: [column] }) => {
    const own = column && places.get(input)?.column(column.sql);
    return own === undefined ? [] : [own];
  });
  return columns.length === 0
    ? source
    : `(SELECT ${['*', ...columns].join(', ')} FROM ${source}) AS input`;
}

function asked(scoring: Scoring, { name, ticket }: FunctionTicket, places: PlacesByInput): string {
  const columns: string[] = [];
  const codes: string[] = [];
  for (const feature of scoring.features) {
    const own = places.get(feature.input);
    for (const { sql } of feature.columns) {
      const coded = own && codedText(sql, own);
      columns.push(coded?.text ?? sql);
      if (coded !== undefined) codes.push(coded.code);
    }
  }
  const others = challengerArguments(scoring, places).columns.map(({ sql }) => sql);
  const values = [...columns, quoteName(KEY), `${ticket}::INTEGER`, ...codes, ...others];
  return `${quoteName(name)}(${values.join(', ')})`;
}
