import { expect, it } from 'vitest';
import { duckdb } from '../duckdb/node-api.js';
import { openDatabase } from '../duckdb/open-database.js';
import { FUNCTION_NAMES } from './function-names.js';
import { type FunctionRules, loadFunctionRules, readFunctionRules } from './function-rules.js';

const sorted = ({ unstable, aggregate, multiplying }: FunctionRules): Record<string, string> => ({
  unstable: [...unstable].toSorted().join(' '),
  aggregate: [...aggregate].toSorted().join(' '),
  multiplying: [...multiplying].toSorted().join(' '),
});

it('the names that are listed are those of this DuckDB', async () => {
  const database = await openDatabase({ threads: 1, memoryLimitBytes: 2 ** 28, folders: [] });
  try {
    const connection = await database.connect();
    expect(duckdb.library_version()).toBe(FUNCTION_NAMES.version);
    expect(sorted(await loadFunctionRules(connection))).toEqual(
      sorted(await readFunctionRules(connection)),
    );
  } finally {
    database.close();
  }
});
