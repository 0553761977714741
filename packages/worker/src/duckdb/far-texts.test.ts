import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DuckDBInstance } from './node-api.js';
import { columnVector } from './raw-vector.js';
import { readTexts } from './read-texts.js';
import { quoteText } from './quote.js';

/** The texts of a query's only column, chunk by chunk. */
async function textsOf(query: string): Promise<(string | undefined)[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    const result = await connection.stream(query);
    const texts: (string | undefined)[] = [];
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return texts;
      const rows = chunk.rowCount;
      readTexts(columnVector(chunk, 0), 0, rows, rows, (_, text) => texts.push(text));
    }
  } finally {
    instance.closeSync();
  }
}

describe('texts of a vector', () => {
  it('are those that went in, whatever their lengths and characters', async () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 60 })
      .map((one) => one.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(text, { nil: undefined }), { maxLength: 50 }),
        async (texts) => {
          const rows = texts.map((one) => `(${one === undefined ? 'NULL' : quoteText(one)})`);
          const values = [...rows, `('\u{feff}ends here, whatever came before')`].join(', ');
          const read = await textsOf(`SELECT v::VARCHAR FROM (VALUES ${values}) AS t(v)`);
          expect(read).toEqual([...texts, '\u{feff}ends here, whatever came before']);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are found where they lie far from each other, and in chunks of several blocks', async () => {
    const row = (i: number): string | undefined =>
      i % 7 === 0 ? undefined : `${'é'.repeat(i % 300)} and the row ${i}`;
    const query = `SELECT CASE WHEN i % 7 = 0 THEN NULL
      ELSE repeat('é', (i % 300)::INTEGER) || ' and the row ' || i END FROM range(20000) AS t(i)`;
    expect(await textsOf(query)).toEqual(Array.from({ length: 20_000 }, (_, i) => row(i)));
  });

  it('may be large', async () => {
    const large = `SELECT repeat('0123456789', n) FROM (VALUES (2), (200000), (3)) AS t(n)`;
    expect((await textsOf(large)).map((text) => text?.length)).toEqual([20, 2_000_000, 30]);
  });
});
