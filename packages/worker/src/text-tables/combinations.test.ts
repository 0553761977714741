import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Combinations } from './combinations.js';
import { TextDictionary } from './text-dictionary.js';

/** Dictionaries with so many texts each. */
function dictionariesOf(count: number, texts: number): TextDictionary[] {
  return Array.from({ length: count }, (_, place) => {
    const dictionary = new TextDictionary();
    for (let i = 0; i < texts; i++) dictionary.codeOf(`${place}: ${i}`);
    return dictionary;
  });
}

const column = (values: Iterable<number>): Int32Array => Int32Array.from(values);
const counted = (rows: number, of: (row: number) => number): Int32Array =>
  Int32Array.from({ length: rows }, (_, row) => of(row));

describe('combinations of texts', () => {
  it('have the same number where all codes are the same, and only there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.array(fc.nat(5), { minLength: 4, maxLength: 4 }), { maxLength: 3000 }),
        (inputs, rows) => {
          const combinations = new Combinations(dictionariesOf(inputs, 6));
          const seen = new Map<string, number>();
          // The second time all of them are there.
          for (let time = 0; time < 2; time++) {
            combinations.trim();
            const numbers = combinations.encode(
              Array.from({ length: inputs }, (_, i) => column(rows.map((codes) => codes[i] ?? 0))),
            );
            for (const [row, codes] of rows.entries()) {
              const key = codes.slice(0, inputs).join();
              const number = numbers[row] ?? -1;
              if (!seen.has(key)) {
                expect(number).toBe(seen.size);
                seen.set(key, number);
              }
              expect(seen.get(key)).toBe(number);
            }
          }
          expect(combinations.count).toBe(seen.size);
          for (let i = 0; i < inputs; i++) {
            const texts = [...seen.keys()].map((key) => `${i}: ${key.split(',')[i]}`);
            expect(combinations.texts(i, 0)).toEqual(texts);
            expect(combinations.texts(i, 2)).toEqual(texts.slice(2));
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('have numbers of their own where there are many', () => {
    const combinations = new Combinations(dictionariesOf(2, 300));
    const [a, b] = [counted(90_000, (row) => row % 300), counted(90_000, (row) => (row / 300) | 0)];
    combinations.trim();
    const numbers = combinations.encode([a, b]);
    expect(numbers).toEqual(counted(90_000, (row) => row));
    expect(combinations.encode([a, b])).toEqual(numbers);
    expect(combinations.count).toBe(90_000);
  });

  it('are begun anew when they are too many', () => {
    const combinations = new Combinations(dictionariesOf(2, 100));
    combinations.max = 50;
    combinations.trim();
    const { epoch } = combinations;
    const codes = (rows: number): Int32Array[] => [
      counted(rows, (row) => row % 60),
      counted(rows, () => 0),
    ];
    combinations.encode(codes(200));
    expect(combinations.count).toBe(60);
    combinations.trim();
    expect([combinations.count, combinations.epoch]).toEqual([0, epoch + 1]);
    // Most of those were found, so that they are looked for again.
    combinations.encode(codes(200));
    expect(combinations.count).toBe(60);
  });

  it('are begun anew when texts of one input have been', () => {
    const dictionaries = dictionariesOf(2, 3);
    const combinations = new Combinations(dictionaries);
    combinations.trim();
    combinations.encode([column([0, 1, 1, 1, 1, 1]), column([0, 1, 1, 1, 1, 1])]);
    combinations.trim();
    expect(combinations.count).toBe(2);
    const { epoch } = combinations;
    dictionaries[1]?.clear();
    dictionaries[1]?.codeOf('another');
    combinations.trim();
    expect(combinations.epoch).toBe(epoch + 1);
    expect(combinations.encode([column([1]), column([0])])).toEqual(column([0]));
    expect(combinations.texts(1, 0)).toEqual(['another']);
  });

  it('are not looked for where nearly all are different, and are again later', () => {
    const combinations = new Combinations(dictionariesOf(2, 1000));
    combinations.max = 500;
    const encode = (b: number): number => {
      combinations.trim();
      combinations.encode([counted(600, (row) => row % 60), counted(600, () => b)]);
      return combinations.count;
    };
    const different = (): number => {
      combinations.trim();
      combinations.encode([counted(600, (row) => row), counted(600, (row) => row)]);
      return combinations.count;
    };
    expect(different()).toBe(600);
    // Seven times as many rows go by.
    for (let chunk = 0; chunk < 7; chunk++) expect(encode(chunk)).toBe(600);
    expect(encode(0)).toBe(60);
    expect(encode(0)).toBe(60);
    expect(encode(1)).toBe(120);
  });
});
