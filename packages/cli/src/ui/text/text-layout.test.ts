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
  expect(shortPath('/data/jobs/churn', '/data')).toBe('jobs/churn');
  expect(shortPath('/data/out', '/data/jobs')).toBe('../out');
  expect(shortPath('/a', '/data/deep/down')).toBe('/a');
  expect(shortPath('/data', '/data')).toBe('.');
});

it('shortens the paths in a message and leaves URIs alone', () => {
  const text = 'in /data/jobs/churn/job.ts:3:1, s3://lake/data/jobs and file:///data/jobs/a';
  expect(shortenPaths(text, '/data')).toBe(
    'in jobs/churn/job.ts:3:1, s3://lake/data/jobs and file:///data/jobs/a',
  );
  expect(shortenPaths('/data/my jobs/a b.ts', '/data')).toBe('my jobs/a b.ts');
});
