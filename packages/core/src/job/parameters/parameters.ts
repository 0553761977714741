import { ShardmillError } from '../../errors/shardmill-error.js';
import { suggestion } from '../../text/nearest-name.js';
import { parseTimestamp, timestampText } from '../../time/timestamp.js';
import { wallClockAt } from '../../time/time-zone.js';
import { dayText, parseDay } from '../../time/wall-clock.js';
import type { Job, JobParameter } from '../job-schema.js';
import { type LogicalTime, zoneOf } from './logical-time.js';

/** Values by name, as they are put into the definition. */
export type ParameterValues = Readonly<Record<string, string>>;

/** What every job has without declaring it; `ds_nodash` follows `ds`. */
export const BUILT_IN_PARAMETERS: Readonly<Record<string, JobParameter['type']>> = {
  ds: 'date',
  ts: 'timestamp',
  interval_start: 'timestamp',
  interval_end: 'timestamp',
};

/**
 * The value of every parameter: given ones checked against their types, then those of the logical
 * time, then defaults. `ds`, the logical date (YYYY-MM-DD), is the day of `ts` in the time zone of
 * the job's schedule, and without one the day of `today` there; `ds_nodash` follows it. `ts`,
 * `interval_start` and `interval_end` have values only where they are given or `time` is.
 * @param time the tick of a schedule that the run is for.
 * @throws PARAMETER_UNKNOWN, PARAMETER_MISSING, PARAMETER_INVALID
 */
export function resolveParameters(
  job: Pick<Job, 'params' | 'schedule'>,
  given: ParameterValues,
  today: Date,
  time?: LogicalTime,
): ParameterValues {
  const builtIn = Object.entries(BUILT_IN_PARAMETERS).map(([name, type]) => [name, { type }]);
  const declared: Record<string, JobParameter> = { ...Object.fromEntries(builtIn), ...job.params };
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
  const implied = impliedValues(job, given, today, time);
  const values: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(declared)) {
    const value = own(given, name) ?? own(implied.ofRun, name) ?? parameter.default;
    const text = value === undefined ? own(implied.byDefault, name) : String(value);
    if (text !== undefined) {
      values[name] = checkValue(name, parameter.type, text);
    } else if (Object.hasOwn(job.params, name)) {
      throw new ShardmillError('PARAMETER_MISSING', `parameter "${name}" has no value`, {
        where: `params.${name}`,
        remedy: `Give it with --param ${name}=${exampleOf(parameter.type)}.`,
      });
    }
  }
  if (values['ds'] !== undefined) values['ds_nodash'] ??= values['ds'].replaceAll('-', '');
  return values;
}

/** Names of the values that a job's runs have without declaring them. */
export function impliedParameters(params: Job['params']): string[] {
  const names = Object.keys(BUILT_IN_PARAMETERS).filter((name) => !Object.hasOwn(params, name));
  return names.includes('ds') ? [...names, 'ds_nodash'] : names;
}

const own = (values: ParameterValues, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

/** What built-in parameters are where they are not given: before their defaults, and after. */
function impliedValues(
  job: Pick<Job, 'params' | 'schedule'>,
  given: ParameterValues,
  today: Date,
  time: LogicalTime | undefined,
): { readonly ofRun: ParameterValues; readonly byDefault: ParameterValues } {
  const dayOf = (instantMs: number): string => dayText(wallClockAt(instantMs, zoneOf(job)));
  const givenMs = parseTimestamp(own(given, 'ts') ?? '');
  const ofTime: ParameterValues =
    time === undefined
      ? {}
      : {
          ds: dayOf(time.ts.getTime()),
          ts: timestampText(time.ts.getTime()),
          interval_start: timestampText(time.intervalStart.getTime()),
          interval_end: timestampText(time.intervalEnd.getTime()),
        };
  return {
    ofRun: { ...ofTime, ...(givenMs === undefined ? {} : { ds: dayOf(givenMs) }) },
    // A job that declares `ds` without a default wants it to be given.
    byDefault: Object.hasOwn(job.params, 'ds') ? {} : { ds: dayOf(today.getTime()) },
  };
}

const PATTERNS: Record<Exclude<JobParameter['type'], 'date' | 'timestamp'>, RegExp> = {
  string: /^[^\0\n\r]*$/,
  int: /^[+-]?\d+$/,
  number: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
  bool: /^(true|false)$/,
};

function checkValue(name: string, type: JobParameter['type'], value: string): string {
  const checked = valueOf(type, value);
  if (checked !== undefined) return checked;
  const hint = type === 'timestamp' ? ', with Z or the offset from UTC' : '';
  throw new ShardmillError(
    'PARAMETER_INVALID',
    `parameter "${name}" is a ${type}; found "${value}", expected for example ${exampleOf(type)}${hint}`,
    { where: `--param ${name}=${value}` },
  );
}

/** The value in its one form; undefined where it is none of the type. */
function valueOf(type: JobParameter['type'], value: string): string | undefined {
  if (type === 'date') return parseDay(value) === undefined ? undefined : value;
  if (type === 'timestamp') {
    const instantMs = parseTimestamp(value);
    return instantMs === undefined ? undefined : timestampText(instantMs);
  }
  return PATTERNS[type].test(value) ? value : undefined;
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
    case 'timestamp':
      return '2026-01-31T05:00:00Z';
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}
