import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteText } from '../duckdb/quote.js';
import { columnVector } from '../duckdb/raw-vector.js';
import { TEXTS } from '../testing/random-text-model.js';
import { useDatabase } from '../testing/use-database.js';
import { NUL_CODE, NULL_CODE } from '../text-tables/text-dictionary.js';
import { VectorDictionary } from './vector-dictionary.js';

const { connection } = useDatabase();

/** Texts of a query's only column by way of a dictionary; null, and `NUL` for those with that character. */
async function throughDictionary(
  dictionary: VectorDictionary,
  query: string,
): Promise<(string | null | undefined)[]> {
  const result = await connection().stream(query);
  const read: (string | null | undefined)[] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return read;
    dictionary.trim();
    const { codes, faulty } = dictionary.encode(columnVector(chunk, 0), chunk.rowCount);
    expect(faulty).toBe(codes.some((code) => code < 0));
    for (const code of codes) {
      if (code === NULL_CODE) read.push(null);
      else read.push(code === NUL_CODE ? 'NUL' : dictionary.texts[code]);
    }
  }
}

const valuesOf = (texts: readonly (string | null)[]): string =>
  `SELECT v::VARCHAR FROM (VALUES ${texts
    .map((text) => `(${text === null ? 'NULL' : quoteText(text)})`)
    .join(', ')}) AS t(v)`;

describe('a dictionary of texts', () => {
  it('has each text as it is, and once', async () => {
    const text = fc.oneof(
      fc.constantFrom(...TEXTS),
      fc.string({ unit: 'binary', maxLength: 40 }).map((one) => one.replaceAll('\0', '')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(text, { nil: null }), { minLength: 1, maxLength: 60 }),
        async (texts) => {
          const dictionary = new VectorDictionary();
          const twice = [...texts, ...texts.toReversed()];
          for (let time = 0; time < 2; time++) {
            expect(await throughDictionary(dictionary, valuesOf(twice))).toEqual(twice);
          }
          const distinct = new Set(texts.filter((one) => one !== null));
          expect(dictionary.texts.toSorted()).toEqual([...distinct].toSorted());
        },
      ),
      { numRuns: 20 },
    );
  });

  it('keeps its texts from chunk to chunk, whatever is new in each', async () => {
    const name = (i: number): string => `${'é'.repeat(i % 3)} the long name of row ${i % 3000}`;
    const query = `SELECT repeat('é', (i % 3)::INTEGER) || ' the long name of row ' || (i % 3000)
      FROM range(10000) AS t(i)`;
    const dictionary = new VectorDictionary();
    const read = await throughDictionary(dictionary, query);
    expect(read).toEqual(Array.from({ length: 10_000 }, (_, i) => name(i)));
    expect(dictionary.texts).toHaveLength(3000);
  });

  it('is begun anew when it has too many', async () => {
    const dictionary = new VectorDictionary();
    dictionary.maxTexts = 5000;
    const query = `SELECT if(i % 2 = 0, 'a text of more than twelve bytes, ', 's') || i FROM range(20000) AS t(i)`;
    const read = await throughDictionary(dictionary, query);
    expect(read[19_998]).toBe('a text of more than twelve bytes, 19998');
    expect(new Set(read).size).toBe(20_000);
    expect(dictionary.epoch).toBeGreaterThan(2);
    expect(dictionary.texts.length).toBeLessThan(8000);
  });

  it('does not look for texts that are all different, and does again later', async () => {
    const dictionary = new VectorDictionary();
    dictionary.maxTexts = 3000;
    const different =
      "SELECT if(i % 3 = 0, 'é is the name of row ', 'r') || i FROM range(20000) AS t(i)";
    const read = await throughDictionary(dictionary, different);
    expect(read).toEqual(
      Array.from(
        { length: 20_000 },
        (_, i) => `${i % 3 === 0 ? 'é is the name of row ' : 'r'}${i}`,
      ),
    );
    // Those of the last chunk alone.
    expect(dictionary.texts).toHaveLength(20_000 % 2048);
    const same = "SELECT 'again and again ' || (i % 100) FROM range(40000) AS t(i)";
    const again = await throughDictionary(dictionary, same);
    expect(again).toEqual(Array.from({ length: 40_000 }, (_, i) => `again and again ${i % 100}`));
    expect(dictionary.texts).toHaveLength(100);
  });

  it.each([
    ['a short text', "'a' || chr(0) || 'b'"],
    ['a long one', "'a text of more than' || chr(0) || 'twelve bytes'"],
    ['a very long one', "repeat('x', 5000) || chr(0)"],
  ])('does not take %s with a NUL character', async (_, sql) => {
    const dictionary = new VectorDictionary();
    const query = `SELECT if(i % 2 = 0, ${sql}, 'fine') FROM range(4) AS t(i)`;
    expect(await throughDictionary(dictionary, query)).toEqual(['NUL', 'fine', 'NUL', 'fine']);
    expect(dictionary.texts).toEqual(['fine']);
  });

  it('has the texts of places, whatever they were before', async () => {
    const placed = { epoch: 0, texts: ['one', 'two'] };
    const dictionary = new VectorDictionary(placed);
    const encode = async (...places: number[]): Promise<(string | undefined)[]> => {
      const chunk = await (
        await connection().stream(valuesOf(places.map(() => 'itself')))
      ).fetchChunk();
      if (chunk === null) throw new Error('there are no rows');
      dictionary.trim();
      const vector = columnVector(chunk, 0);
      const { codes } = dictionary.encode(vector, places.length, Uint16Array.from(places));
      return [...codes].map((code) => dictionary.texts[code]);
    };
    expect(await encode(2, 0, 1, 2)).toEqual(['two', 'itself', 'one', 'two']);
    placed.texts.push('three', 'four', 'five');
    expect(await encode(5, 1, 3)).toEqual(['five', 'one', 'three']);
    Object.assign(placed, { epoch: 1, texts: ['another'] });
    expect(await encode(1, 0)).toEqual(['another', 'itself']);
    dictionary.clear();
    expect(await encode(1)).toEqual(['another']);
    expect(dictionary.texts).toEqual(['another']);
  });
});
