import { expect, it } from 'vitest';
import { shortenPaths, shortPath } from './shorten-paths.js';
import { fieldLines, table, truncate, wrapText } from './text-layout.js';

it('wraps words, keeps line breaks, and never breaks a word', () => {
  expect(wrapText('one two three', 9, 2, 0)).toBe('one two\n  three');
  expect(wrapText('a\nb', 80, 4)).toBe('a\n    b');
  expect(wrapText('unbreakable', 4, 0)).toBe('unbreakable');
});

it('aligns cells by what is seen of them', () => {
  expect(
    table(
      [
        ['a', '1'],
        ['\x1b[1mbbb\x1b[22m', '20'],
      ],
      ['left', 'right'],
      0,
    ),
  ).toEqual(['a     1', '\x1b[1mbbb\x1b[22m  20']);
});

it('says a label once', () => {
  expect(fieldLines([['rows', '1\n2']], (text) => text)).toEqual(['  rows  1', '        2']);
});

it('cuts to the width', () => {
  expect(truncate('abcdef', 4)).toBe('abc…');
  expect(truncate('a\n b', 10)).toBe('a b');
});

it('shows paths relative to the working directory where that is shorter', () => {
  expect(shortPath('/work/jobs/churn', '/work')).toBe('jobs/churn');
  expect(shortPath('/work/out', '/work/jobs')).toBe('../out');
  expect(shortPath('/a', '/work/deep/down')).toBe('/a');
  expect(shortPath('/work', '/work')).toBe('.');
});

it('shortens the paths in a message and leaves URIs alone', () => {
  const text = 'in /work/jobs/churn/job.ts:3:1, s3://lake/work/jobs and file:///work/jobs/a';
  expect(shortenPaths(text, '/work')).toBe(
    'in jobs/churn/job.ts:3:1, s3://lake/work/jobs and file:///work/jobs/a',
  );
  expect(shortenPaths('/work/my jobs/a b.ts', '/work')).toBe('my jobs/a b.ts');
});
