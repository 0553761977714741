import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdb } from '../duckdb/node-api.js';
import { FUNCTION_NAMES } from './function-names.js';

/** Function names that a job may not use, by what is wrong with them. */
export interface FunctionRules {
  readonly unstable: ReadonlySet<string>;
  readonly aggregate: ReadonlySet<string>;
  /** Those that make several rows of one. */
  readonly multiplying: ReadonlySet<string>;
}

/** Names that DuckDB does not mark as unstable: the clock's, and what differs between machines. */
const ALSO_UNSTABLE = [
  'current_date',
  'current_time',
  'current_timestamp',
  'current_localtime',
  'current_localtimestamp',
  'localtime',
  'localtimestamp',
  'current_setting',
  'getvariable',
  'version',
];

let known: FunctionRules | undefined;

/** The rules for the functions of this DuckDB, which are the same in all of its databases. */
export async function loadFunctionRules(connection: DuckDBConnection): Promise<FunctionRules> {
  known ??= listedRules() ?? (await readFunctionRules(connection));
  return known;
}

/** Those of the DuckDB that is expected here; undefined where it is another. */
function listedRules(): FunctionRules | undefined {
  const { unstable, aggregate, multiplying } = FUNCTION_NAMES;
  if (process.platform !== 'linux' || duckdb.library_version() !== FUNCTION_NAMES.version)
    return undefined;
  const names = (list: string): Set<string> => new Set(list.trim().split(/\s+/));
  return {
    unstable: names(unstable),
    aggregate: names(aggregate),
    multiplying: names(multiplying),
  };
}

/** The rules as DuckDB's own list of functions gives them. */
export async function readFunctionRules(connection: DuckDBConnection): Promise<FunctionRules> {
  // To read the names of all functions takes three times as long.
  const reader = await connection.runAndReadAll(
    `SELECT function_name, bool_or(stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')) AS unstable,
            bool_and(function_type = 'aggregate') AS aggregate,
            string_agg(lower(macro_definition), ' ') AS macros
     FROM duckdb_functions() GROUP BY 1 HAVING unstable OR aggregate OR macros IS NOT NULL`,
  );
  const rows = reader.getRows();
  const names = (column: number): Set<string> =>
    new Set(rows.filter((row) => row[column] === true).map((row) => String(row[0])));
  const unstable = names(1);
  unstable.delete('error');
  for (const name of ALSO_UNSTABLE) unstable.add(name);
  // A macro is what it calls: ago(i) is current_timestamp - i, others query the catalog.
  const unstableMacros = rows.filter(([, , , definition]) =>
    (String(definition ?? '').match(/\w+/g) ?? []).some(
      (word) => word === 'select' || unstable.has(word),
    ),
  );
  for (const [name] of unstableMacros) unstable.add(String(name));
  const multiplying = rows.filter(([, , , definition]) => /\bunnest\b/.test(String(definition)));
  return {
    unstable,
    aggregate: names(2),
    multiplying: new Set(['unnest', 'unlist', ...multiplying.map(([name]) => String(name))]),
  };
}
