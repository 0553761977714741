import type { Job } from '../job-schema.js';
import { describe, expect, it } from 'vitest';
import { applyParameters } from './apply-parameters.js';
import { jobOf } from '../../testing/job.js';

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
    const images = jobOf({
      features: {
        x: { image: "photos['{{ who }}']", from: 'photos/{{ who }}' },
        from: "'{{ who }}'",
      },
    });
    expect(applyParameters(images, values).features).toMatchObject({
      x: { image: "photos['O''Neil']", from: "photos/O'Neil" },
      from: "'O''Neil'",
    });
    expect(filled.input).toMatchObject({ uri: "in/O'Neil", where: "name = 'O''Neil'" });
    expect(filled.output).toMatchObject({ uri: "out/O'Neil", columns: { who: "'O''Neil'" } });
  });

  it('takes $& and {{ }} in a value as they are', () => {
    const job = jobOf({ input: { uri: '{{ name }}/{{ who }}' } });
    expect(applyParameters(job, { name: '$&', who: '{{ ds }}' }).input.uri).toBe('$&/{{ ds }}');
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

  it('moves and writes dates in every place that may have templates', () => {
    const job = jobOf({
      params: { since: { type: 'date' } },
      input: { uri: 'in/{{ ds - 1d }}', where: "d >= DATE '{{ since - 1 month }}'" },
      model: { uri: 'models/{{ ds - 1 month | yyyyMM }}.onnx' },
      features: { a: "x > DATE '{{ ds - 1y }}'" },
      output: { uri: 'out/{{ ds - 1d | yyyy/MM }}', columns: { day: "'{{ ds | d.M. }}'" } },
    });
    const filled = applyParameters(job, { ds: '2026-01-01', since: '2026-03-31' });
    expect(filled.input).toMatchObject({
      uri: 'in/2025-12-31',
      where: "d >= DATE '2026-02-28'",
    });
    expect(filled.model.uri).toBe('models/202512.onnx');
    expect(filled.features['a']).toBe("x > DATE '2025-01-01'");
    expect(filled.output).toMatchObject({ uri: 'out/2025/12', columns: { day: "'1.1.'" } });
  });

  it('writes timestamps in the time zone of the schedule', () => {
    const output = { uri: 'out/{{ ts | yyyy-MM-dd/HH }}', columns: { score: 'score' } };
    const schedule = { cron: '0 5 * * *', timezone: 'Asia/Dubai' };
    const uri = (job: Job): string =>
      applyParameters(job, { ts: '2026-01-01T22:00:00Z' }).output.uri;
    expect(uri(jobOf({ output, schedule }))).toBe('out/2026-01-02/02');
    expect(uri(jobOf({ output }))).toBe('out/2026-01-01/22');
  });

  it('keeps what a format makes one literal in SQL', () => {
    const job = jobOf({ input: { uri: 'in', where: "d = '{{ ds | yyyy'' }}'" } });
    expect(applyParameters(job, values).input.where).toBe(`d = '2026'''`);
  });

  it.each(['ts', 'interval_start', 'interval_end'])(
    'says that only runs of a schedule have %s',
    (name) => {
      const job = jobOf({ output: { uri: `out/{{ ${name} | HH }}`, columns: { score: 'score' } } });
      expect(() => applyParameters(job, values)).toThrow(
        expect.objectContaining({
          code: 'PARAMETER_MISSING',
          where: 'output.uri',
          message: `the template uses "${name}", which only the runs of a schedule have by themselves`,
          remedy: `Give it with --param ${name}=2026-01-31T05:00:00Z.`,
        }),
      );
    },
  );

  it('says where a template is wrong', () => {
    const job = jobOf({ input: { uri: ['a', 'in/{{ ds - 1m }}'] } });
    expect(() => applyParameters(job, values)).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_INVALID', where: 'input.uri[1]' }),
    );
  });
});
