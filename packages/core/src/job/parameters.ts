import { ShardmillError } from '../errors/shardmill-error.js';
import { suggestion } from '../text/nearest-name.js';
import type { Job, JobParameter } from './job-schema.js';

/** Values by name, as they are put into the definition. */
export type ParameterValues = Readonly<Record<string, string>>;

const TEMPLATE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/**
 * The value of every parameter: given ones checked against their types, else defaults. `ds`, the
 * logical date (YYYY-MM-DD), needs no declaration and defaults to `today`; `ds_nodash` follows it.
 * @throws PARAMETER_UNKNOWN, PARAMETER_MISSING, PARAMETER_INVALID
 */
export function resolveParameters(
  job: Pick<Job, 'params'>,
  given: ParameterValues,
  today: Date,
): ParameterValues {
  const declared: Record<string, JobParameter> = {
    ds: { type: 'date', default: today.toISOString().slice(0, 10) },
    ...job.params,
  };
  const names = Object.keys(declared);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name)) {
      throw new ShardmillError(
        'PARAMETER_UNKNOWN',
        `the job has no parameter "${name}".${suggestion(name, names, 'Its parameters are')}`,
        { where: `--param ${name}=…` },
      );
    }
  }
  const values: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    if (value === undefined) {
      throw new ShardmillError('PARAMETER_MISSING', `parameter "${name}" has no value`, {
        where: `params.${name}`,
        remedy: `Give it with --param ${name}=${exampleOf(parameter.type)}.`,
      });
    }
    values[name] = checkValue(name, parameter.type, String(value));
  }
  if (values['ds'] !== undefined) values['ds_nodash'] ??= values['ds'].replaceAll('-', '');
  return values;
}

/**
 * The definition with its templates filled in. In SQL, single quotes in a value are doubled, so
 * that `'{{ name }}'` is always one string literal.
 * @throws PARAMETER_UNKNOWN where a template names no parameter.
 */
export function applyParameters(job: Job, values: ParameterValues): Job {
  const text = (value: string, where: string): string => fill(value, values, where, (v) => v);
  const sql = (value: string, where: string): string =>
    fill(value, values, where, (v) => v.replaceAll("'", "''"));
  const sqlDeep = <T>(value: T, where: string): T => mapStrings(value, where, sql);
  const { input, model, output } = job;
  return {
    ...job,
    input: {
      ...input,
      uri: mapStrings(input.uri, 'input.uri', text),
      ...(input.where === undefined ? {} : { where: sql(input.where, 'input.where') }),
      ...(input.waitFor === undefined
        ? {}
        : { waitFor: mapStrings(input.waitFor, 'input.waitFor', text) }),
    },
    model: mapStrings(model, 'model', text),
    features: sqlDeep(job.features, 'features'),
    ...(job.transform === undefined
      ? {}
      : {
          transform: {
            ...job.transform,
            columns: sqlDeep(job.transform.columns, 'transform.columns'),
          },
        }),
    output: {
      ...output,
      uri: text(output.uri, 'output.uri'),
      columns: sqlDeep(output.columns, 'output.columns'),
    },
  };
}

function mapStrings<T>(value: T, where: string, map: (text: string, where: string) => string): T {
  const visit = (item: unknown, place: string): unknown => {
    if (typeof item === 'string') return map(item, place);
    if (Array.isArray(item)) return item.map((x: unknown, i) => visit(x, `${place}[${i}]`));
    if (typeof item === 'object' && item !== null) {
      return Object.fromEntries(
        Object.entries(item).map(([key, x]: [string, unknown]) => [
          key,
          visit(x, `${place}.${key}`),
        ]),
      );
    }
    return item;
  };
  // The shape is kept; only strings are replaced by strings.
  return visit(value, where) as T;
}

function fill(
  template: string,
  values: ParameterValues,
  where: string,
  escape: (value: string) => string,
): string {
  return template.replaceAll(TEMPLATE, (_match, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      throw new ShardmillError(
        'PARAMETER_UNKNOWN',
        `the template {{ ${name} }} names no parameter.${suggestion(name, Object.keys(values), 'Parameters are')}`,
        { where },
      );
    }
    return escape(value);
  });
}

const PATTERNS: Record<JobParameter['type'], RegExp> = {
  string: /^[^\0\n\r]*$/,
  int: /^[+-]?\d+$/,
  number: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
  bool: /^(true|false)$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
};

function checkValue(name: string, type: JobParameter['type'], value: string): string {
  const fits = PATTERNS[type].test(value) && (type !== 'date' || isDate(value));
  if (fits) return value;
  throw new ShardmillError(
    'PARAMETER_INVALID',
    `parameter "${name}" is a ${type}; found "${value}", expected for example ${exampleOf(type)}`,
    { where: `--param ${name}=${value}` },
  );
}

/** A day of the calendar: 2026-02-30 is none. */
function isDate(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

function exampleOf(type: JobParameter['type']): string {
  switch (type) {
    case 'string':
      return 'text';
    case 'int':
      return '7';
    case 'number':
      return '0.5';
    case 'bool':
      return 'true';
    case 'date':
      return '2026-01-31';
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}
