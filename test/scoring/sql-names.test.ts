import { expect, it } from 'vitest';
import { sqlName } from '../../packages/cli/dist/init/sql-name.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

it('a column may be named by any keyword of DuckDB, quoted where it has to be', async () => {
  const keywords = await place.sql(
    `SELECT keyword_name AS name, keyword_category = 'unreserved' AS free FROM duckdb_keywords()`,
  );
  expect(keywords.length).toBeGreaterThan(400);
  for (const { name, free } of keywords) {
    const word = String(name);
    expect([word, sqlName(word)]).toEqual([word, free === true ? word : `"${word}"`]);
    expect(sqlName(word.toUpperCase()).includes('"')).toBe(free !== true);
  }
  const all = keywords.map(({ name }) => sqlName(String(name)));
  await place.sql(`CREATE TABLE words AS SELECT ${all.map((name) => `42 AS ${name}`).join(', ')}`);
  const sum = all.map((name) => `coalesce(${name}, 0)`).join(' + ');
  expect(await place.sql(`SELECT ${sum} AS sum FROM words`)).toEqual([{ sum: 42 * all.length }]);
});
