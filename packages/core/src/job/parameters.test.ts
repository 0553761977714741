import { describe, expect, it } from 'vitest';
import type { Job, JobDefinition } from './job-schema.js';
import { applyParameters, resolveParameters } from './parameters.js';
import { parseJob } from './parse-job.js';

const TODAY = new Date('2026-11-22T23:59:00Z');

function jobOf(change: Partial<JobDefinition> = {}): Job {
  return parseJob(
    {
      name: 'test',
      input: { uri: 'data' },
      model: { uri: 'm.onnx' },
      output: { uri: 'out', columns: { score: 'score' } },
      ...change,
    },
    'job.yaml',
  );
}

describe('resolving parameters', () => {
  it('knows ds, today in UTC, and ds_nodash without declaration', () => {
    expect(resolveParameters(jobOf(), {}, TODAY)).toEqual({
      ds: '2026-11-22',
      ds_nodash: '20261122',
    });
    expect(resolveParameters(jobOf(), { ds: '2026-01-31' }, TODAY)).toEqual({
      ds: '2026-01-31',
      ds_nodash: '20260131',
    });
  });

  it('takes given values over defaults, and defaults of any type as text', () => {
    const params = {
      country: { default: 'AE' },
      top: { type: 'int', default: 7 },
      share: { type: 'number', default: 0.5 },
      dry: { type: 'bool', default: false },
    } as const;
    expect(resolveParameters(jobOf({ params }), { top: '9' }, TODAY)).toMatchObject({
      country: 'AE',
      top: '9',
      share: '0.5',
      dry: 'false',
    });
  });

  it('names the nearest parameter for an unknown one', () => {
    const job = jobOf({ params: { country: { default: 'AE' } } });
    expect(() => resolveParameters(job, { contry: 'AE' }, TODAY)).toThrow(
      expect.objectContaining({
        code: 'PARAMETER_UNKNOWN',
        message: expect.stringContaining('Did you mean "country"?'),
        where: '--param contry=…',
      }),
    );
  });

  it('requires one without default, and shows an example of its type', () => {
    const job = jobOf({ params: { cut: { type: 'number' } } });
    expect(() => resolveParameters(job, {}, TODAY)).toThrow(
      expect.objectContaining({
        code: 'PARAMETER_MISSING',
        remedy: 'Give it with --param cut=0.5.',
      }),
    );
  });

  it.each([
    ['int', '1.5'],
    ['int', ''],
    ['int', '1e3'],
    ['number', 'abc'],
    ['number', '1,5'],
    ['bool', 'yes'],
    ['date', '2026-02-30'],
    ['date', '22.11.2026'],
    ['string', 'two\nlines'],
  ] as const)('refuses for a %s the value %j', (type, value) => {
    const job = jobOf({ params: { x: { type } } });
    expect(() => resolveParameters(job, { x: value }, TODAY)).toThrow(
      expect.objectContaining({ code: 'PARAMETER_INVALID' }),
    );
  });

  it.each([
    ['int', '-12'],
    ['number', '-1.5e-3'],
    ['number', '.5'],
    ['bool', 'true'],
    ['date', '2024-02-29'],
    ['string', ''],
    ['string', "O'Neil; DROP"],
  ] as const)('takes for a %s the value %j', (type, value) => {
    const job = jobOf({ params: { x: { type } } });
    expect(resolveParameters(job, { x: value }, TODAY)['x']).toBe(value);
  });

  it('refuses a default that is not of its type', () => {
    const job = jobOf({ params: { x: { type: 'date', default: 'today' } } });
    expect(() => resolveParameters(job, {}, TODAY)).toThrow(
      expect.objectContaining({ code: 'PARAMETER_INVALID' }),
    );
  });
});

describe('filling in parameters', () => {
  const values = { ds: '2026-11-22', who: "O'Neil" };

  it('replaces templates in every place that may have them', () => {
    const job = jobOf({
      input: { uri: ['in/ds={{ ds }}', 'in/{{ds}}'], where: "d = '{{ ds }}'" },
      model: { uri: 'models/{{ ds }}.onnx' },
      features: { a: "x > '{{ ds }}'", b: ['{{ ds }}', 'y'], c: { sql: ['{{ ds }}'], width: 2 } },
      transform: { columns: { t: "'{{ ds }}'" }, module: 'm.js' },
      output: { uri: 'out/{{ ds }}', columns: { day: "'{{ ds }}'" } },
    });
    const text = JSON.stringify(applyParameters(job, values));
    expect(text).not.toContain('{{');
    expect(text.match(/2026-11-22/g)).toHaveLength(10);
  });

  it('keeps a value one literal in SQL, and as it is in a path', () => {
    const job = jobOf({
      input: { uri: 'in/{{ who }}', where: "name = '{{ who }}'" },
      output: { uri: 'out/{{ who }}', columns: { who: "'{{ who }}'" } },
    });
    const filled = applyParameters(job, values);
    expect(filled.input).toMatchObject({ uri: "in/O'Neil", where: "name = 'O''Neil'" });
    expect(filled.output).toMatchObject({ uri: "out/O'Neil", columns: { who: "'O''Neil'" } });
  });

  it('takes $& and {{ }} in a value as they are', () => {
    const job = jobOf({ input: { uri: '{{ ds }}/{{ who }}' } });
    expect(applyParameters(job, { ds: '$&', who: '{{ ds }}' }).input.uri).toBe('$&/{{ ds }}');
  });

  it('keeps the function of a transform', () => {
    const apply = (): null => null;
    const job = jobOf({ transform: { columns: ['a'], apply } });
    expect(applyParameters(job, values).transform?.apply).toBe(apply);
  });

  it('says where a template names no parameter', () => {
    const job = jobOf({ features: { x: ['a', "'{{ dss }}'"] } });
    expect(() => applyParameters(job, values)).toThrow(
      expect.objectContaining({
        code: 'PARAMETER_UNKNOWN',
        where: 'features.x[1]',
        message: expect.stringContaining('Did you mean "ds"?'),
      }),
    );
  });

  it('knows no parameter that is only a property of objects', () => {
    const job = jobOf({ input: { uri: '{{ constructor }}' } });
    expect(() => applyParameters(job, values)).toThrow(
      expect.objectContaining({ code: 'PARAMETER_UNKNOWN' }),
    );
  });
});
