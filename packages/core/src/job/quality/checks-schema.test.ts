import { describe, expect, it } from 'vitest';
import { parseJob } from '../parse-job.js';

const parse = (...checks: unknown[]) =>
  parseJob(
    {
      name: 'test',
      input: { uri: 'data' },
      model: { uri: 'm.onnx' },
      output: { uri: 'out', columns: { score: 'score' } },
      checks,
    },
    'job.yaml',
  ).checks;

describe('the checks of a job', () => {
  it('fail the run where nothing else is said, and are of all values', () => {
    expect(parse({ name: 'a', kind: 'range', column: 'score', max: 1 })).toEqual([
      { name: 'a', kind: 'range', column: 'score', max: 1, of: 'values', severity: 'fail' },
    ]);
    expect(parse({ name: 'b', kind: 'rowCount', previous: { factor: 2 } })).toEqual([
      {
        name: 'b',
        kind: 'rowCount',
        rows: 'scored',
        previous: { runs: 5, factor: 2 },
        severity: 'fail',
      },
    ]);
  });

  it.each([
    [
      { kind: 'range', column: 'a', feature: 'b', max: 1 },
      'either column (of the output) or feature',
    ],
    [{ kind: 'range', max: 1 }, 'either column (of the output) or feature'],
    [{ kind: 'range', column: 'a' }, 'expected min, max or both'],
    [{ kind: 'range', column: 'a', min: 2, max: 1 }, 'expected min to be at most max'],
    [{ kind: 'nulls', column: 'a', max: 2 }, 'expected a share from 0 to 1'],
    [{ kind: 'nulls', column: 'a', max: '101%' }, 'expected a share from 0 to 1'],
    [{ kind: 'rejected', min: '2%', max: 0.01 }, 'expected min to be at most max'],
    [{ kind: 'rowCount' }, 'expected min, max or previous'],
    [{ kind: 'rowCount', previous: { factor: 2, zScore: 3 } }, 'expected either factor or zScore'],
    [{ kind: 'rowCount', previous: { factor: 1 } }, 'expected a number above 1'],
    [{ kind: 'freshness', maxAge: '1 day' }, 'expected a time from'],
    [{ kind: 'allowedValues', column: 'a', values: [] }, 'values'],
    [{ kind: 'unique' }, 'expected either column or columns (of the output)'],
    [{ kind: 'unique', column: 'a', columns: ['b'] }, 'expected either column or columns'],
    [{ kind: 'ranges', column: 'a' }, 'checks.0.kind: expected one of rowCount, nulls, nan,'],
    [{ kind: 'nulls', column: 'a', max: 0, sverity: 'warn' }, 'Did you mean "severity"?'],
  ])('are refused with what was expected: %j', (check, message) => {
    expect(() => parse({ name: 'x', ...check })).toThrow(message);
  });

  it('have names of their own', () => {
    const one = { name: 'x', kind: 'nulls', column: 'a', max: 0 };
    expect(() => parse(one, one)).toThrow('checks.1.name: another check has this name');
    expect(() => parse({ ...one, name: 'A b' })).toThrow('expected lower-case letters');
  });
});
