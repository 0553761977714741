import path from 'node:path';
import { newRunId, ShardmillError, Stores } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { makePlan } from '@shardmill/scheduler';
import { EngineProcess } from '@shardmill/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

/** Expressions that a job may not have, by what they try. */
const FORBIDDEN = {
  'reads a file': "(SELECT content FROM read_text('/etc/passwd'))",
  'closes the parenthesis and reads a file': "a) FROM read_csv('/etc/passwd') WHERE (true",
  'begins a statement that writes':
    "1); COPY (SELECT 1) TO '/tmp/shardmill-injected.csv'; SELECT (1",
  'begins a statement that attaches': "1); ATTACH '/tmp/x.db'; SELECT (1",
  'begins a statement that installs': '1); INSTALL httpfs; SELECT (1',
  'begins a statement that changes a setting': '1); SET threads = 99; SELECT (1',
  'begins a second query': '1); SELECT (2',
  'has a subquery': '(SELECT max(a) FROM input)',
  'has EXISTS': 'EXISTS (SELECT 1)',
  'has IN over a subquery': 'a IN (SELECT 1)',
  'has a UNION': '1) UNION ALL (SELECT 2',
  'has a second column': '1), (2',
  aggregates: 'sum(a)',
  'aggregates with a filter': 'count(*) FILTER (WHERE a > 1)',
  'has a window': 'row_number() OVER ()',
  'aggregates over a window': 'sum(a) OVER (ORDER BY id)',
  'is random': 'random()',
  'is a new uuid': 'uuid()',
  'asks for the date': 'current_date',
  'asks for the date by a function': 'today()',
  'asks for the time': 'now()',
  'asks for the time by a keyword': 'current_timestamp',
  'asks for the local time by a keyword': 'localtime',
  'asks for the local time by a function': 'current_localtimestamp()',
  'asks for the time by a macro': "ago('1 day')",
  'asks for the time since then': "age(TIMESTAMP '2026-01-01')",
  'asks for a setting': "current_setting('memory_limit')",
  'asks for the version': 'version()',
  'asks the catalog by a macro': 'pg_get_viewdef(1)',
  'takes all columns': 'COLUMNS(*)',
  'has a star': '*',
  'has a placeholder': '$1',
  'hides it in a lambda':
    "list_transform([1], x -> (SELECT content FROM read_text('/etc/passwd')))",
  'hides it in a CASE': 'CASE WHEN a > 0 THEN random() ELSE 0 END',
  'hides it in a cast': 'CAST(now() AS VARCHAR)',
} as const;

/** Expressions that DuckDB itself does not take. */
const INVALID = {
  'closes the parenthesis and comments the rest out': "a) FROM read_text('/etc/passwd') --",
  'reads the environment': "getenv('HOME')",
  'reads a file by a table function': "read_text('/etc/passwd')",
  'lists files by a table function': "glob('/etc/*')",
  'runs a text as a query': "query('SELECT 1')",
  'begins a statement that cannot be parsed': '1)/**/;/**/PRAGMA database_list;--',
  'has a CTE in a parenthesis': 'a) FROM (WITH x AS (SELECT 1) SELECT * FROM x',
} as const;

const place = useWorkplace('file');
let engine: EngineProcess;
beforeAll(async () => {
  engine = EngineProcess.start();
  await place.prepare();
});
afterAll(() => engine.close());

/** The code with which a job is refused that has the expression there; undefined if it is not. */
async function refusalOf(change: object): Promise<string | undefined> {
  const jobFile = place.path('job.json');
  const now = new Date();
  const job = parseJob({ ...usualJob, ...change }, jobFile);
  try {
    const stores = new Stores();
    const runId = newRunId(now);
    await makePlan({ job, jobFile, params: {}, runId, now, binder: engine, stores });
    return undefined;
  } catch (error) {
    if (error instanceof ShardmillError) return error.code;
    throw error;
  }
}

const places = {
  where: (sql: string) => ({ input: { uri: 'data', where: sql } }),
  'a feature': (sql: string) => ({ features: { features: ['a', 'b', sql] } }),
  'an output column': (sql: string) => ({ output: { uri: 'out', columns: { x: sql } } }),
};

describe.each(Object.entries(places))('in %s an expression is refused', (_, jobWith) => {
  test.each(Object.entries(FORBIDDEN))('that %s', async (__, sql) => {
    expect(await refusalOf(jobWith(sql))).toBe('EXPRESSION_FORBIDDEN');
  });

  test.each(Object.entries(INVALID))('that %s', async (__, sql) => {
    expect(await refusalOf(jobWith(sql))).toMatch(/^EXPRESSION_(FORBIDDEN|INVALID)$/);
  });
});

test.each([
  ['where', places.where('length(id::VARCHAR) > 1 AND id BETWEEN 3 AND 9')],
  ['a feature', places['a feature']('coalesce(c, 0) + sin(a)')],
  ['a feature with a comment', places['a feature']('c -- the last one')],
  [
    'an output column',
    places['an output column']("CASE WHEN score > 0.5 THEN 'high' ELSE 'low' END"),
  ],
  ['an output column', places['an output column']('list_sum(list_transform([a, b], v -> v * 2))')],
  [
    'an output column',
    places['an output column']("age(TIMESTAMP '2026-01-02', TIMESTAMP '2026-01-01')"),
  ],
  [
    'an output column',
    places['an output column']('nullif(round(a), 3) + list_sum(list_append([1], 2))'),
  ],
])('an expression over one row is not refused in %s', async (_, change) => {
  expect(await refusalOf(change)).toBeUndefined();
});

describe('the command line refuses', () => {
  test('a file read in where, and says what is allowed', async () => {
    await place.writeJob(
      places.where("length((SELECT content FROM read_text('/etc/passwd'))) > 0"),
    );
    await expectRefusal(place, {
      code: 'EXPRESSION_FORBIDDEN',
      message: /subquery/,
      where: 'input.where',
      remedy: /scalar expressions/,
    });
  });

  test('a statement behind the expression, and does not run it', async () => {
    const target = place.path('injected.csv');
    await place.writeJob(
      places['an output column'](`1); COPY (SELECT 1) TO '${target}'; SELECT (1`),
    );
    await expectRefusal(place, { code: 'EXPRESSION_FORBIDDEN', where: 'output.columns.x' });
    expect(
      await place.sql(`SELECT count(*) AS n FROM glob('${path.dirname(target)}/*.csv')`),
    ).toEqual([{ n: 0 }]);
  });

  test("the day's date, and says to use a parameter", async () => {
    await place.writeJob(places['an output column']('current_date'));
    await expectRefusal(place, {
      code: 'EXPRESSION_FORBIDDEN',
      message: /current_date.*\{\{ ds \}\}/s,
      where: 'output.columns.x',
    });
  });

  test("an expression that does not parse, in DuckDB's words", async () => {
    await place.writeJob(places['a feature']('a + + * b'));
    await expectRefusal(place, { code: 'EXPRESSION_INVALID', where: 'features.features[2]' });
  });

  test('a function that does not exist', async () => {
    await place.writeJob(places['an output column']('sqrtt(a)'));
    await expectRefusal(place, {
      code: 'EXPRESSION_INVALID',
      message: /sqrtt.*sqrt/s,
      where: 'output.columns.x',
    });
  });

  test('a where that is no condition', async () => {
    await place.writeJob(places.where('a + 1'));
    await expectRefusal(place, {
      code: 'EXPRESSION_INVALID',
      message: /expected BOOLEAN/,
      where: 'input.where',
    });
  });
});
