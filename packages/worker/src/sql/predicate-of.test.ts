import type { Column, Predicate } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { useParser } from '../testing/sql.js';
import { predicateOf } from './predicate-of.js';

const parse = useParser();

const COLUMNS: Column[] = Object.entries({
  i: 'INTEGER',
  b: 'BIGINT',
  u: 'UBIGINT',
  h: 'HUGEINT',
  d: 'DOUBLE',
  f: 'FLOAT',
  dec: 'DECIMAL(18,4)',
  Text: 'VARCHAR',
  flag: 'BOOLEAN',
  day: 'DATE',
  ts: 'TIMESTAMP',
  zoned: 'TIMESTAMP WITH TIME ZONE',
  s: 'STRUCT(x INTEGER)',
}).map(([name, type]) => ({ name, type }));

async function predicate(sql: string): Promise<Predicate> {
  const { tree } = await parse(sql);
  return predicateOf(tree, COLUMNS);
}

const UNKNOWN = { kind: 'unknown' };
const compare = (column: string, op: string, value: unknown): unknown => ({
  kind: 'compare',
  column,
  op,
  value,
});
const integer = (value: bigint): unknown => ({ type: 'integer', value });
const number = (value: number): unknown => ({ type: 'number', value });

describe('the predicate of', () => {
  it.each([
    ['i = 5', '='],
    ['i == 5', '='],
    ['i <> 5', '!='],
    ['i != 5', '!='],
    ['i < 5', '<'],
    ['i <= 5', '<='],
    ['i > 5', '>'],
    ['i >= 5', '>='],
    ['5 = i', '='],
    ['5 < i', '>'],
    ['5 <= i', '>='],
    ['5 > i', '<'],
    ['5 >= i', '<='],
    ['input.i >= 5', '>='],
    ['"I" >= 5', '>='],
    ['(i) >= (5)', '>='],
  ])('%s', async (sql, op) => expect(await predicate(sql)).toEqual(compare('i', op, integer(5n))));

  it.each([
    ['i > -5', compare('i', '>', integer(-5n))],
    ['b = 3000000000', compare('b', '=', integer(3_000_000_000n))],
    ['d > 1.5', compare('d', '>', number(1.5))],
    ['d > 1e3', compare('d', '>', number(1000))],
    ['d > 7', compare('d', '>', number(7))],
    ['i < 1.5', compare('i', '<', number(1.5))],
    ['dec = 12.34', compare('dec', '=', number(12.34))],
    ['f = 0.5', compare('f', '=', number(0.5))],
    ["text = 'a''b'", compare('Text', '=', { type: 'text', value: "a'b" })],
    ['flag = false', compare('flag', '=', { type: 'bool', value: false })],
    ['NOT i = 5', compare('i', '!=', integer(5n))],
    ['flag = true', compare('flag', '=', { type: 'bool', value: true })],
    ["day >= '1970-01-02'", compare('day', '>=', { type: 'date', days: 1 })],
    ["day >= DATE '1969-12-31'", compare('day', '>=', { type: 'date', days: -1 })],
    ["ts < '1970-01-01 00:00:01'", compare('ts', '<', { type: 'timestamp', micros: 1_000_000n })],
    [
      "ts < TIMESTAMP '1970-01-01 00:00:00.5'",
      compare('ts', '<', { type: 'timestamp', micros: 500_000n }),
    ],
    ['i IS NULL', { kind: 'is-null', column: 'i' }],
    ['text IS NOT NULL', { kind: 'is-not-null', column: 'Text' }],
  ])('%s', async (sql, expected) => expect(await predicate(sql)).toEqual(expected));

  it('BETWEEN and IN are comparisons', async () => {
    expect(await predicate('i BETWEEN 1 AND 2')).toEqual({
      kind: 'and',
      terms: [compare('i', '>=', integer(1n)), compare('i', '<=', integer(2n))],
    });
    expect(await predicate('i IN (1, 2)')).toEqual({
      kind: 'or',
      terms: [compare('i', '=', integer(1n)), compare('i', '=', integer(2n))],
    });
  });

  it('AND and OR keeps what it knows', async () => {
    expect(await predicate("i > 1 AND lower(text) = 'a' AND (d < 2 OR flag)")).toEqual({
      kind: 'and',
      terms: [
        compare('i', '>', integer(1n)),
        UNKNOWN,
        { kind: 'or', terms: [compare('d', '<', number(2)), UNKNOWN] },
      ],
    });
  });

  it.each([
    // DuckDB converts the column here, so that its stored order says nothing.
    'text = 5',
    "i = '5'",
    "i::VARCHAR > '5'",
    'CAST(d AS INTEGER) = 5',
    "day = TIMESTAMP '2026-01-01 12:00:00'",
    "ts = DATE '2026-01-01'",
    "zoned > '2026-01-01'",
    "text > DATE '2026-01-01'",
    "flag = 'true'",
    'flag = 1',
    "text COLLATE NOCASE = 'a'",
    // A single cannot hold it: DuckDB may compare as either.
    'f = 0.1',
    'f > 16777217',
    // Not one column and one constant.
    'i > b',
    'i + 1 > 5',
    'abs(i) > 5',
    's.x = 5',
    'missing = 5',
    '1 = 1',
    'flag',
    'true',
    'i = NULL',
    'i IN (b, h)',
    // Not decided by bounds.
    'NOT (i = 5 AND flag)',
    'i NOT IN (1, 2)',
    'i NOT BETWEEN 1 AND 2',
    "text LIKE 'a%'",
    'i IS DISTINCT FROM 5',
    "i = TRY_CAST('5' AS INTEGER)",
    "day = '2026-1-1'",
    "ts = '2026-01-01 00:00:00+02'",
    "ts = '2026-01-01 00:00:00.123456'",
    "d = 'nan'",
    'u = 18446744073709551615',
    'h = 5',
    'b = 9223372036854775807',
  ])('%s is not known', async (sql) => {
    const found = await predicate(sql);
    for (const leaf of found.kind === 'or' ? found.terms : [found]) expect(leaf).toEqual(UNKNOWN);
  });
});
