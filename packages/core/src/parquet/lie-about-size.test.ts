import { expect, it } from 'vitest';
import { lieAboutSize } from './lie-about-size.js';

const footer = (rows: number, end: number) => ({ rows, rowGroups: [{ end }] });

it('what a footer claims is held against the size of its file', () => {
  expect(lieAboutSize(footer(1000, 900), 1000)).toBeUndefined();
  expect(lieAboutSize(footer(1000 * 2 ** 20, 900), 1000)).toBeUndefined();
  expect(lieAboutSize(footer(1000 * 2 ** 20 + 1, 900), 1000)).toContain('rows of a file of 1000');
  expect(lieAboutSize(footer(1, 1001), 1000)).toContain('bytes up to 1001 of a file of 1000');
});
