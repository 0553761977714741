import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { keyOfShare, shareLimit } from './share-rows.js';

/** As the documentation defines it. */
const isIn = (key: string, share: number): boolean =>
  BigInt(`0x${createHash('md5').update(key).digest('hex').slice(0, 16)}`) <
  BigInt(Math.ceil(share * 2 ** 64));

it('the limit of a share has the order of the numbers it stands for', () => {
  expect(shareLimit(0.5)).toBe('8000000000000000');
  expect(shareLimit(2 ** -60)).toBe('0000000000000010');
  const keys = Array.from({ length: 5000 }, (_, key) => String(key));
  for (const share of [1e-9, 0.01, 0.1, 1 / 3, 0.999]) {
    const byText = keys.filter(
      (key) => createHash('md5').update(key).digest('hex') < shareLimit(share),
    );
    expect(byText).toEqual(keys.filter((key) => isIn(key, share)));
  }
  // The first of the values that the documentation names.
  expect(isIn('4711', 0.7)).toBe(false);
  expect(isIn('4711', 0.71)).toBe(true);
});

it('a key has one text for each of its values', () => {
  const columns = [
    { name: 'id', type: 'BIGINT' },
    { name: 'price', type: 'DOUBLE' },
  ];
  expect(keyOfShare('next', 'ID', columns)).toBe('input."id"');
  expect(() => keyOfShare('next', 'price', columns)).toThrow('"price" is DOUBLE, expected whole');
  expect(() => keyOfShare('next', 'idd', columns)).toThrow('Did you mean "id"');
});
