import { describe, expect, it } from 'vitest';
import { database, scoringOf, SUM, usePartWriters } from '../testing/part-writers.js';
import { ModelFunction } from './model-function.js';

usePartWriters();

describe('the function', () => {
  const known = async (): Promise<string[]> => {
    const reader = await database().runAndReadAll(
      "SELECT function_name FROM duckdb_functions() WHERE function_name LIKE '_shardmill_%'",
    );
    return reader.getRows().map(([name]) => String(name));
  };
  const openAndFind = async (): Promise<string[]> => {
    const before = await known();
    new ModelFunction(scoringOf(SUM), new Map()).register(database());
    return (await known()).filter((name) => !before.includes(name));
  };

  it('answers nothing to SQL that is not the query of a part', async () => {
    const [name = ''] = await openAndFind();
    const ask = database().run(`SELECT "${name}"(1::FLOAT, 2::FLOAT, 0::BIGINT, 1::INTEGER)`);
    await expect(ask).rejects.toThrow(/there is no such query/);
  });

  it('has another name each time, which cannot be guessed', async () => {
    const names = [...(await openAndFind()), ...(await openAndFind())];
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^_shardmill_[0-9a-f]{32}$/);
  });
});
