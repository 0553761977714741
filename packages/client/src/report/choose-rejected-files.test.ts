import { expect, it } from 'vitest';
import { chooseRejectedFiles } from './choose-rejected-files.js';

const file = (key: string, bytes: number, reasons: Record<string, number>) => ({
  key,
  bytes,
  reasons,
});

it('takes one file for all reasons that it has, of those that are read quickly the largest', () => {
  const files = [
    file('few', 500, { a: 1, b: 1 }),
    file('many', 9000, { a: 5, b: 2 }),
    file('slow', 5_000_000, { a: 900 }),
    file('c', 800, { c: 4 }),
  ];
  const chosen = chooseRejectedFiles(files, { a: 906, c: 4, b: 3 });
  expect(chosen.map(({ key }) => key)).toEqual(['many', 'c']);
});

it('takes the smallest of those that are not', () => {
  const files = [file('b', 9_000_000, { a: 9 }), file('a', 5_000_000, { a: 1 })];
  expect(chooseRejectedFiles(files, { a: 10 }).map(({ key }) => key)).toEqual(['a']);
});

it('takes no file that is too large to be read for a few rows', () => {
  expect(chooseRejectedFiles([file('huge', 2 ** 30, { a: 1 })], { a: 1 })).toEqual([]);
});

it('takes few files, however many reasons there are', () => {
  const reasons = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`r${i}`, 1]));
  const files = Object.keys(reasons).map((reason) => file(reason, 100, { [reason]: 1 }));
  expect(chooseRejectedFiles(files, reasons)).toHaveLength(6);
});
