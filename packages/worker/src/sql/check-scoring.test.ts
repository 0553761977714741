import type { Scoring } from '@shardmill/core';
import { describe, expect, test } from 'vitest';
import { useParser } from '../testing/sql.js';
import { checkScoring } from './check-scoring.js';

function scoringOf(change: {
  readonly where?: string;
  readonly feature?: string;
  readonly column?: string;
  readonly output?: string;
  readonly type?: string;
}): Scoring {
  const { where = null, feature = 'TRY_CAST((a\n) AS FLOAT)', column = '"a"' } = change;
  const { output = 'score', type = 'DOUBLE' } = change;
  const columns = [{ name: 'a', type }];
  return {
    input: { columns, used: ['a'], layouts: [columns], partitionColumns: [], where },
    model: { uri: 'm', sha256: 'f', bytes: 1, externalData: [], inputs: [], outputs: [] },
    features: [
      {
        input: 'x',
        type: 'float32',
        layout: 'scalars',
        width: 1,
        rowShape: [1],
        columns: [{ label: 'a', sql: feature }],
      },
    ],
    transform: {
      module: '/t.mjs',
      export: 'function',
      sha256: 'f',
      columns: [{ label: 'a', sql: column, type: 'DOUBLE' }],
    },
    nulls: 'reject',
    output: {
      uri: '/out',
      columns: [{ name: 'score', type: 'FLOAT', sql: output }],
      compression: 'zstd',
      rowGroupRows: 1,
    },
  };
}

const FORGED = [
  "1); COPY (SELECT 1) TO '/tmp/x'; SELECT (1",
  "(SELECT content FROM read_text('/etc/passwd'))",
  'a, 2',
  'a) FROM (SELECT 1 AS a',
  'count(*)',
  'random()',
];

/** As a plan has the expressions of a job, and what may look like one. */
const WRAPPED = {
  known: ['(b\n)', 'TRY_CAST((b\n) AS FLOAT)', 'b'],
  forged: [
    '(b\n), (b\n)',
    '(b\n) + random()',
    '(b), (b\n)',
    '(b\n) FROM (SELECT 1 AS b\n)',
    'TRY_CAST((b\n) AS FLOAT), (1\n) AS FLOAT)',
    "TRY_CAST((b\n) AS FLOAT) || (SELECT content FROM read_text('/etc/passwd'))",
    'TRY_CAST((SELECT 1\n) AS FLOAT)',
  ],
};

describe('what this process has parsed before', () => {
  const parse = useParser();

  test.each(WRAPPED.known)('is let through as a plan has it: %s', async (feature) => {
    await parse('b');
    await checkScoring(scoringOf({ feature }));
  });

  test.each(WRAPPED.forged)('does not let through what only looks like it: %s', async (feature) => {
    await parse('b');
    await expect(checkScoring(scoringOf({ feature }))).rejects.toMatchObject({
      code: expect.stringMatching(/^EXPRESSION_(INVALID|FORBIDDEN)$/),
    });
  });
});

describe('a plan is refused whose SQL is more than scalar expressions', () => {
  test.each(FORGED)('%s', async (sql) => {
    const places = [{ where: sql }, { feature: sql }, { column: sql }, { output: sql }];
    for (const place of places) {
      await expect(checkScoring(scoringOf(place))).rejects.toMatchObject({
        code: expect.stringMatching(/^EXPRESSION_(INVALID|FORBIDDEN)$/),
      });
    }
  });

  test.each([
    "DOUBLE) + (SELECT count(*) FROM read_text('/etc/passwd')",
    'DOUBLE) OR (true',
    'DOUBLE), (2',
    "DOUBLE); COPY (SELECT 1) TO '/tmp/x'; SELECT (1",
    'DOUBLE) + CAST(1 AS DOUBLE',
  ])('or its types more than types: %s', async (type) => {
    await expect(checkScoring(scoringOf({ type }))).rejects.toMatchObject({
      code: expect.stringMatching(/^EXPRESSION_(INVALID|FORBIDDEN)$/),
    });
  });
});

test.each([
  'DOUBLE',
  'DECIMAL(18,2)',
  'STRUCT(a INTEGER, "b c" VARCHAR[])',
  'MAP(VARCHAR, DOUBLE)',
  'FLOAT[384]',
  'TIMESTAMP WITH TIME ZONE',
  "ENUM('a', 'b')",
  '"NULL"',
  'UHUGEINT',
  'BLOB',
])('the type %s is let through', async (type) => {
  await checkScoring(scoringOf({ type, where: "a > 1 -- it's fine" }));
});

test('a list of values that planning has room for is let through', async () => {
  const values = Array.from({ length: 100_000 }, (_, i) => i).join(',');
  await checkScoring(scoringOf({ where: `a IN (${values})` }));
});
