import { type BoundFeature, type Check, planProfile } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';
import { planChecks } from './plan-checks.js';

const feature = (
  input: string,
  labels: readonly string[],
  type: BoundFeature['type'] = 'float32',
): BoundFeature => ({
  input,
  type,
  layout: 'scalars',
  width: labels.length,
  rowShape: [labels.length],
  columns: labels.map((label) => ({ label, sql: label })),
});

const { plan } = syntheticPlan({ runId: 'r1', output: '/out', shards: 1 });
const features = [feature('X', ['age', 'income']), feature('country', ['c'], 'string')];
const scoring = {
  ...plan.scoring,
  features,
  output: {
    ...plan.scoring.output,
    columns: [
      { name: 'id', type: 'BIGINT', sql: 'a' },
      { name: 'Score', type: 'FLOAT', sql: 'score * 2' },
      { name: 'band', type: 'VARCHAR', sql: "'high'" },
      { name: 'reasons', type: 'VARCHAR[]', sql: "['a']" },
    ],
  },
};

const checked = {
  scoring,
  profile: planProfile({ features: ['age', 'country'], rows: 'sample' }, features, 10),
  isTrial: false,
  newestInput: '2026-01-01T00:00:00.000Z',
};

function planned(check: Record<string, unknown>, more: { isTrial?: boolean } = {}) {
  const { checks } = jobOf({ checks: [{ name: 'x', ...check }] as never });
  return planChecks(checks, { ...checked, ...more });
}

const first = (check: Record<string, unknown>): Check | undefined => planned(check)?.checks[0];

describe('the checks of a plan', () => {
  it('name columns as they are', () => {
    expect(first({ kind: 'range', column: 'score', min: 0 })).toMatchObject({ column: 'Score' });
    expect(first({ kind: 'nulls', column: 'id', max: 0 })).toMatchObject({ column: 'id' });
    expect(first({ kind: 'range', feature: 'AGE', min: 0 })).toMatchObject({ feature: 'age' });
    expect(planChecks([], checked)).toBeUndefined();
  });

  it('keep the age of the input where one is of it', () => {
    expect(planned({ kind: 'freshness', maxAge: '1h' })?.newestInput).toBe(
      '2026-01-01T00:00:00.000Z',
    );
    expect(planned({ kind: 'rejected', max: 0 })).not.toHaveProperty('newestInput');
  });

  it('only warn in a trial', () => {
    const check = { kind: 'rowCount', min: 1000 };
    expect(planned(check, { isTrial: true })?.checks[0]?.severity).toBe('warn');
    expect(planned(check)?.checks[0]?.severity).toBe('fail');
  });

  it('name the columns of a key, one or several', () => {
    expect(first({ kind: 'unique', column: 'ID' })).toMatchObject({ column: 'id' });
    expect(first({ kind: 'unique', columns: ['ID', 'BAND'] })).toMatchObject({
      columns: ['id', 'band'],
    });
  });

  it.each([
    [{ kind: 'unique', columns: ['id', 'bund'] }, 'NOT_FOUND', 'Did you mean "band"?', undefined],
    [
      { kind: 'unique', column: 'A' },
      'NOT_FOUND',
      'the output has no column "A"',
      "It is a column of the input: hand it on, with output.passThrough: ['A'].",
    ],
    [
      { kind: 'unique', column: 'reasons' },
      'TYPE',
      'of type VARCHAR[], which is no key',
      undefined,
    ],
    [{ kind: 'range', column: 'scor', min: 0 }, 'NOT_FOUND', 'Did you mean "Score"?', undefined],
    [{ kind: 'nulls', feature: 'agee', max: 0 }, 'NOT_FOUND', 'Did you mean "age"?', undefined],
    [
      { kind: 'nulls', feature: 'X', max: 0 },
      'NOT_FOUND',
      'an input of several features',
      undefined,
    ],
    [
      { kind: 'range', feature: 'income', min: 0 },
      'NOT_PROFILED',
      'the feature "income" has no profile',
      "Write profile: { features: ['age', 'country', 'income'] } into the job.",
    ],
    [{ kind: 'range', column: 'id', min: 0 }, 'NOT_PROFILED', 'only hands on a column', undefined],
    [{ kind: 'range', column: 'band', min: 0 }, 'NOT_PROFILED', '"band" has texts', undefined],
    [
      { kind: 'allowedValues', column: 'reasons', values: ['a'] },
      'NOT_PROFILED',
      'of type VARCHAR[]; only numbers and texts have a profile',
      undefined,
    ],
    [{ kind: 'range', feature: 'country', min: 0 }, 'NOT_PROFILED', 'has texts', undefined],
    [
      { kind: 'allowedValues', feature: 'age', values: ['a'] },
      'NOT_PROFILED',
      'has numbers, and the check is of texts',
      'Write values as numbers: [1, 2].',
    ],
  ])('refuse %j', (check, code, message, remedy) => {
    expect(() => planned(check)).toThrow(
      expect.objectContaining({
        code: `CHECK_COLUMN_${code}`,
        message: expect.stringContaining(message),
        where: 'checks "x"',
        ...(remedy !== undefined && { remedy }),
      }),
    );
  });
});
