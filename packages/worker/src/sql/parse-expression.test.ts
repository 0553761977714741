import { describe, expect, it } from 'vitest';
import { useParser } from '../testing/sql.js';

const parse = useParser();

describe('one scalar expression', () => {
  it.each([
    ['tenure', [['tenure']]],
    ['"Total Charges"', [['Total Charges']]],
    [
      'input.tenure + model.score',
      [
        ['input', 'tenure'],
        ['model', 'score'],
      ],
    ],
    ['coalesce(a, b, 0)', [['a'], ['b']]],
    ['address.city', [['address', 'city']]],
    ['input.address.city.name', [['input', 'address', 'city', 'name']]],
    ["s['key'] || m[k]", [['s'], ['m'], ['k']]],
    ['probabilities[2]', [['probabilities']]],
    ["case when a > 1 then b else 'c' end", [['a'], ['b']]],
    ['a BETWEEN b AND c', [['a'], ['b'], ['c']]],
    ['a IN (b, 1)', [['a'], ['b']]],
    ['try_cast(a AS FLOAT)', [['a']]],
    ["{'k': a, 'l': [b]}", [['a'], ['b']]],
    ["strftime(t, '%H')::INT", [['t']]],
    ["date_diff('day', a, DATE '2026-11-22')", [['a']]],
    ['extract(year FROM t)', [['t']]],
    ["a IS NULL AND NOT (b LIKE '%x')", [['b'], ['a']]],
    ['1 + 1', []],
    ['(a, b)', [['a'], ['b']]],
    ['row(a, b)', [['a'], ['b']]],
    ['a -- and a comment', [['a']]],
    ['/* ( */ a', [['a']]],
    ["'; DROP TABLE input' || a", [['a']]],
    ["error('no')", []],
  ])('%s refers to %j', async (sql, references) => {
    const expression = await parse(sql);
    const sorted = (list: readonly (readonly string[])[]): string[] =>
      list.map((names) => names.join('.')).toSorted();
    expect(sorted(expression.references.map(({ path }) => path))).toEqual(sorted(references));
    expect(expression.sql).toBe(sql);
  });

  it.each([
    ['list_transform(l, x -> x + y)', ['l', 'y']],
    ['list_transform(l, lambda x: x + y)', ['l', 'y']],
    ['list_filter(l, (v, i) -> v > i and i < n)', ['l', 'n']],
    ['list_reduce(l, (acc, x) -> acc + x)', ['l']],
    ['list_transform(l, x -> list_transform(x, z -> z * w))', ['l', 'w']],
    ['[x * 2 for x in l if x > low]', ['l', 'low']],
    ['list_transform(l, x -> x.field)', ['l', 'x.field']],
  ])('%s does not take lambda parameters for columns', async (sql, references) => {
    const found = (await parse(sql)).references.map(({ path }) => path.join('.'));
    expect([...new Set(found)].toSorted()).toEqual(references.toSorted());
  });
});

describe('what is more than one scalar expression', () => {
  it.each([
    'a, b',
    'a) , (b',
    'a) FROM t --',
    'a) FROM (SELECT 1',
    '1); DROP TABLE input; SELECT (1',
    'a) WHERE (true',
    'a) ORDER BY (1',
    'a) LIMIT (1',
    'a) UNION SELECT (1',
    '(SELECT 1)',
    'EXISTS (SELECT 1)',
    'a IN (SELECT 1)',
    'a = ANY(SELECT 1)',
    "(SELECT content FROM read_text('/etc/passwd'))",
    '*',
    'COLUMNS(*)',
    "COLUMNS('a.*')",
    'struct_pack(*COLUMNS(*))',
    'input.*',
    '?',
    '$1',
    '$name',
  ])('is refused: %s', async (sql) => {
    await expect(parse(sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^EXPRESSION_(FORBIDDEN|INVALID)$/),
      where: 'features.x',
    });
  });

  it.each([
    ['sum(a)', 'sum()'],
    ['count(*)', 'count'],
    ['avg(a) FILTER (WHERE b)', 'avg()'],
    ['a / max(a)', 'max()'],
    ['row_number() OVER ()', 'window'],
    ['sum(a) OVER (ORDER BY b)', 'window'],
    ['lag(a) OVER ()', 'window'],
  ])('%s looks at other rows', async (sql, what) => {
    await expect(parse(sql)).rejects.toMatchObject({
      code: 'EXPRESSION_FORBIDDEN',
      message: expect.stringContaining(what),
    });
  });

  it.each([
    'random()',
    'a + RANDOM()',
    'uuid()',
    'gen_random_uuid()',
    'now()',
    'current_date',
    'CURRENT_TIMESTAMP',
    'today()',
    'get_current_timestamp()',
    "nextval('s')",
    'txid_current()',
    "current_setting('threads')",
  ])('%s gives another answer each time, or elsewhere', async (sql) => {
    await expect(parse(sql)).rejects.toMatchObject({ code: 'EXPRESSION_FORBIDDEN' });
  });

  it.each(['a +', '', 'SELECT', "'open", 'a b c', '((a)', 'a))'])(
    'cannot be parsed: %j',
    async (sql) => {
      await expect(parse(sql)).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' });
    },
  );

  it('says which time-dependent thing it was, and what to use', async () => {
    await expect(parse("date_diff('day', a, current_date)")).rejects.toMatchObject({
      message: expect.stringMatching(/uses current_date.*parameter such as '{{ ds }}'/),
    });
  });
});
