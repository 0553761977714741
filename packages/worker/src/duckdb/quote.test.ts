import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { quoteName, quotePath, quoteText } from './quote.js';

describe('quoting', () => {
  it.each(['plain', 'with space', 'quo"te', "it's", 'ünï', 'a.b', '', '\\', '$1', "'; DROP --"])(
    'gives back the text %j',
    async (text) => {
      const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
      const connection = await instance.connect();
      try {
        const name = text === '' ? 'x' : text;
        const reader = await connection.runAndReadAll(
          `SELECT ${quoteText(text)} AS ${quoteName(name)}`,
        );
        expect(reader.getRowObjects()).toEqual([{ [name]: text }]);
      } finally {
        connection.closeSync();
        instance.closeSync();
      }
    },
  );

  it('takes wildcards in a path by their letters', () => {
    expect(quotePath("/a*b/[c]?/it's")).toBe("'/a[*]b/[[]c][?]/it''s'");
  });
});
