import { describe, expect, it } from 'vitest';
import {
  partitionFolders,
  whyNotPartitionName,
  whyNotPartitionValue,
  whyNotTableValue,
} from './partitions.js';

const folder = (value: string | null): string => partitionFolders(['c'], { c: value });

describe('folders of partitions', () => {
  it('are nested in the order of the columns', () => {
    const values = { day: '2026-11-22', country: 'DE' };
    expect(partitionFolders(['country', 'day'], values)).toBe('country=DE/day=2026-11-22/');
  });

  it('have what means something in a path escaped, and nothing else', () => {
    expect(folder('a/b=c%d é "x" :?')).toBe('c=a%2Fb%3Dc%25d é %22x%22 %3A%3F/');
    expect(folder('{[^*]}#\\\n\u007f')).toBe('c=%7B%5B%5E%2A%5D}%23%5C%0A%7F/');
    expect(folder('日本 a+b&c;d,e~$')).toBe('c=日本 a+b&c;d,e~$/');
    expect(folder('..')).toBe('c=../');
  });

  it('distinguish null from the texts that readers take for it', () => {
    expect(folder(null)).toBe('c=__HIVE_DEFAULT_PARTITION__/');
    expect(folder('NULL')).toBe('c=%4EULL/');
    expect(folder('null')).toBe('c=%6Eull/');
    expect(folder('nullable')).toBe('c=nullable/');
  });
});

describe('values of partitions', () => {
  it.each([
    ['', /empty text/],
    ['__HIVE_DEFAULT_PARTITION__', /take for null/],
    ['é'.repeat(127), /name of 256 bytes; 255 are possible/],
    ['/'.repeat(85), /name of 257 bytes/],
  ])('cannot be %j', (value, why) => {
    expect(whyNotPartitionValue('c', value)).toMatch(why);
  });

  it.each(['DE', ' ', '0', '..', 'x'.repeat(253), null])('can be %j', (value) => {
    expect(whyNotPartitionValue('c', value)).toBeUndefined();
  });
});

it('dates of partitions in a table are those of four digits', () => {
  const why = (value: string | null) => whyNotTableValue('DATE', value);
  for (const value of [null, '2026-11-22', '0001-01-01']) expect(why(value)).toBeUndefined();
  expect(whyNotTableValue('VARCHAR', 'infinity')).toBeUndefined();
  for (const value of ['12026-01-01', '0044-03-15 (BC)', 'infinity', '-infinity']) {
    expect(why(value)).toMatch(/^the date .*; a table can have/);
  }
});

it('columns of partitions have names that need no escaping', () => {
  for (const name of ['country', 'Day-2', 'a_b']) expect(whyNotPartitionName(name)).toBeUndefined();
  for (const name of ['_hidden', '.a', 'a b', 'a=b', 'é', '1', '']) {
    expect(whyNotPartitionName(name)).toContain('begins with a letter');
  }
});
