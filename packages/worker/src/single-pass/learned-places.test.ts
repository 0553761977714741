import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quoteText } from '../duckdb/quote.js';
import { TEXTS } from '../testing/random-text-model.js';
import { useDatabase } from '../testing/use-database.js';
import { LearnedPlaces } from './learned-places.js';

const { connection } = useDatabase();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-places-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** DuckDB's API for Node leaves out a byte order mark, which the places do not. */
const OTHERS = TEXTS.filter((text) => !text.startsWith('\u{FEFF}'));

/** Places that count their calls. */
function openPlaces(): { readonly places: LearnedPlaces; readonly calls: () => number } {
  let calls = 0;
  const places = new LearnedPlaces(() => calls++);
  places.register(connection());
  return { places, calls: () => calls };
}

/** A text's place, by text. */
async function placesIn(
  places: LearnedPlaces,
  from: string,
): Promise<Map<string | null, Set<number>>> {
  const column = places.column('v') ?? '';
  const reader = await connection().runAndReadAll(`SELECT v, ${column} FROM ${from}`);
  const found = new Map<string | null, Set<number>>();
  for (const [text, place] of reader.getRows()) {
    const key = text === null ? null : String(text);
    found.set(key, (found.get(key) ?? new Set()).add(Number(place)));
  }
  return found;
}

const valuesOf = (texts: readonly string[]): string =>
  `(SELECT unnest([${texts.map(quoteText).join(', ')}]) AS v)`;
const different = (first: number, count: number): string =>
  `(SELECT 'the text of row ' || i AS v FROM range(${first}, ${first + count}) r(i))`;

describe('places of texts', () => {
  it('are those of the texts as they come, each has one, and it stays the same', async () => {
    const { places } = openPlaces();
    const expected = new Map(OTHERS.map((text, index) => [text, new Set([index + 1])]));
    expect(await placesIn(places, valuesOf([...OTHERS, ...OTHERS]))).toEqual(expected);
    places.begin();
    expect(await placesIn(places, valuesOf(OTHERS.toReversed()))).toEqual(expected);
    expect(places.placed.texts).toEqual(OTHERS);
  });

  it('are 0 for null, and for texts with a NUL character', async () => {
    const { places } = openPlaces();
    const found = await placesIn(
      places,
      "(SELECT unnest([NULL, 'a' || chr(0), 'a longer text' || chr(0), 'a']) AS v)",
    );
    expect([...found.values()]).toEqual([new Set([0]), new Set([0]), new Set([0]), new Set([1])]);
    expect(places.placed.texts).toEqual(['a']);
  });

  it('are asked for once for each entry of a dictionary in a file', async () => {
    const file = path.join(folder, 'texts.parquet');
    await connection().run(
      `COPY (SELECT 'one of a hundred: ' || i % 100 AS v FROM range(100000) r(i))
        TO ${quoteText(file)} (FORMAT parquet)`,
    );
    const { places, calls } = openPlaces();
    const found = await placesIn(places, quoteText(file));
    expect(found.size).toBe(100);
    for (const [text, own] of found) {
      expect([...own].map((place) => places.placed.texts[place - 1])).toEqual([text]);
    }
    // One for a row group; there are 49 chunks.
    expect(calls()).toBeLessThan(10);
    // As many as there are row groups, each with a dictionary of its own.
    for (let group = 0; group < 10; group++) {
      await placesIn(places, quoteText(file));
      for (let chunk = 0; chunk < 3; chunk++) places.count(2000);
    }
    places.begin();
    expect(places.place()).toBeDefined();
  });

  it('are given no more where there are too many texts, and not asked for in other parts', async () => {
    const { places } = openPlaces();
    places.begin();
    const found = await placesIn(places, different(0, 40_000));
    const own = [...found.values()].flatMap((set) => [...set]);
    expect(own.filter((place) => place === 0).length).toBeGreaterThan(20_000);
    // Those that were given hold until the end of the part.
    const { texts } = places.placed;
    expect(texts.length).toBeGreaterThan(10_000);
    for (const [text, set] of found) {
      const [place = 0] = set;
      if (place > 0) expect(texts[place - 1]).toBe(text);
    }
    places.begin();
    expect([places.place(), places.column('v')]).toEqual([undefined, undefined]);
  });

  it('are given no more where they are asked for in each row, and not asked for in other parts', async () => {
    const { places } = openPlaces();
    const same = "(SELECT 'one of ten: ' || i % 10 AS v FROM range(2000) r(i))";
    places.begin();
    for (let chunk = 0; chunk < 4; chunk++) {
      const found = await placesIn(places, same);
      for (const own of found.values()) expect(own.has(0)).toBe(false);
      places.count(2000);
    }
    for (const own of (await placesIn(places, same)).values()) expect(own).toEqual(new Set([0]));
    places.begin();
    expect(places.place()).toBeUndefined();
  });

  it('are begun anew between parts where several of them had too many', async () => {
    const { places } = openPlaces();
    for (const first of [0, 10_000]) {
      places.begin();
      await placesIn(places, different(first, 10_000));
    }
    const { epoch } = places.placed;
    places.begin();
    expect(places.placed.epoch).not.toBe(epoch);
    expect(await placesIn(places, valuesOf(['again']))).toEqual(new Map([['again', new Set([1])]]));
  });
});
