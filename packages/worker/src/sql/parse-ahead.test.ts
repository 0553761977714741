import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFunctionRules } from './function-rules.js';
import type { FunctionRules } from './function-rules.js';
import { isParsed, parseAhead, parseExpression } from './parse-expression.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let rules: FunctionRules;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  rules = await loadFunctionRules(connection);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const TAKEN = ['a1 + "b c"', 'a2 -- and a comment', "'; DROP TABLE input' || a3", 'row(a4, b)'];
const REFUSED = ['count(*) + 1', 'a5, 2', 'a6) FROM (SELECT 1', 'a7 b c', "'open", ''];

describe('expressions that are parsed together', () => {
  it('are the same as one by one, and none is taken that is refused there', async () => {
    await parseAhead(
      connection,
      rules,
      [...TAKEN, ...REFUSED].map((sql) => ({ sql })),
    );
    // What may be a row of two is looked at by itself.
    expect(TAKEN.map(isParsed)).toEqual([true, true, true, false]);
    expect(REFUSED.map(isParsed)).toEqual(REFUSED.map(() => false));
    for (const sql of REFUSED) {
      await expect(parseExpression(connection, rules, sql, 'x')).rejects.toMatchObject({
        code: expect.stringMatching(/^EXPRESSION_(INVALID|FORBIDDEN)$/),
      });
    }
    const closed = await instance.connect();
    closed.closeSync();
    const [first = ''] = TAKEN;
    const { references, sql } = await parseExpression(closed, rules, first, 'x');
    expect(sql).toBe(first);
    expect(references).toEqual([
      { path: ['a1'], location: 0 },
      { path: ['b c'], location: 5 },
    ]);
  });

  it('may be more than fit into one statement', async () => {
    const many = Array.from({ length: 450 }, (_, index) => ({ sql: `m${index} * ${index}` }));
    await parseAhead(connection, rules, many);
    expect(many.every(({ sql }) => isParsed(sql))).toBe(true);
  });

  it('are left to be parsed one by one where they are long', async () => {
    const long = `a + ${'1 + '.repeat(300)}0`;
    await parseAhead(connection, rules, [{ sql: long }]);
    expect(isParsed(long)).toBe(false);
    await parseExpression(connection, rules, long, 'x');
    expect(isParsed(long)).toBe(false);
  });
});
