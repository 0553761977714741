import { ShardmillError } from '../../errors/shardmill-error.js';
import type { TemplateValue } from '../../template/evaluate-template.js';
import { fillTemplates, type TemplateScope } from '../../template/fill-templates.js';
import { isTokenized } from '../features/feature-sql.js';
import { fillImageFeature, isImageFeature } from '../features/image-feature.js';
import type { Job } from '../job-schema.js';
import { BUILT_IN_PARAMETERS, type ParameterValues } from './parameters.js';
import { zoneOf } from './logical-time.js';

/**
 * The definition with its templates filled in: `{{ NAME ± N UNIT … in ZONE | FORMAT }}`. In SQL,
 * single quotes in a value are doubled, so that `'{{ name }}'` is always one string literal.
 * Timestamps are written in the time zone of the job's schedule.
 * @throws TEMPLATE_INVALID
 * @throws PARAMETER_UNKNOWN where a template names no parameter.
 * @throws PARAMETER_MISSING where it names one that only a scheduled run has.
 */
export function applyParameters(job: Job, values: ParameterValues): Job {
  const scope = scopeOf(job, values);
  const text = (value: string, where: string): string =>
    fillTemplates(value, scope, where, (v) => v);
  const sql = (value: string, where: string): string =>
    fillTemplates(value, scope, where, (v) => v.replaceAll("'", "''"));
  const sqlDeep = <T>(value: T, where: string): T => mapStrings(value, where, sql);
  const filled = (features: Job['features'], where: string): Job['features'] =>
    Object.fromEntries(
      Object.entries(features).map(([name, feature]) => [
        name,
        isImageFeature(feature)
          ? fillImageFeature(feature, `${where}.${name}`, { sql, text })
          : isTokenized(feature)
            ? {
                ...sqlDeep(feature, `${where}.${name}`),
                tokenizer: text(feature.tokenizer, `${where}.${name}.tokenizer`),
              }
            : sqlDeep(feature, `${where}.${name}`),
      ]),
    );
  const { input, model, output } = job;
  return {
    ...job,
    input: {
      ...input,
      uri: mapStrings(input.uri, 'input.uri', text),
      ...(input.where === undefined ? {} : { where: sql(input.where, 'input.where') }),
      ...(typeof input.version === 'string' && { version: text(input.version, 'input.version') }),
      ...(input.timestamp !== undefined && { timestamp: text(input.timestamp, 'input.timestamp') }),
      ...(input.waitFor === undefined
        ? {}
        : { waitFor: mapStrings(input.waitFor, 'input.waitFor', text) }),
    },
    model: mapStrings(model, 'model', text),
    ...(job.challengers !== undefined && {
      challengers: job.challengers.map((challenger) => {
        const where = `challengers.${challenger.name}`;
        const { features, columns } = challenger;
        return {
          ...challenger,
          model: mapStrings(challenger.model, `${where}.model`, text),
          ...(features !== undefined && { features: filled(features, `${where}.features`) }),
          ...(columns !== undefined && { columns: sqlDeep(columns, `${where}.columns`) }),
        };
      }),
    }),
    features: filled(job.features, 'features'),
    ...(job.transform === undefined
      ? {}
      : {
          transform: {
            ...job.transform,
            columns: sqlDeep(job.transform.columns, 'transform.columns'),
          },
        }),
    ...(job.drift === undefined
      ? {}
      : { drift: { ...job.drift, baseline: text(job.drift.baseline, 'drift.baseline') } }),
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

function scopeOf(job: Job, values: ParameterValues): TemplateScope {
  const typed = Object.entries(values).map(([name, text]): [string, TemplateValue] => [
    name,
    { type: templateTypeOf(job, name), text },
  ]);
  return {
    values: Object.fromEntries(typed),
    zone: zoneOf(job),
    absent: (name, where) =>
      Object.hasOwn(BUILT_IN_PARAMETERS, name)
        ? new ShardmillError(
            'PARAMETER_MISSING',
            `the template uses "${name}", which only the runs of a schedule have by themselves`,
            { where, remedy: `Give it with --param ${name}=2026-01-31T05:00:00Z.` },
          )
        : undefined,
  };
}

function templateTypeOf(job: Job, name: string): TemplateValue['type'] {
  const declared = Object.hasOwn(job.params, name) ? job.params[name]?.type : undefined;
  const builtIn = Object.hasOwn(BUILT_IN_PARAMETERS, name) ? BUILT_IN_PARAMETERS[name] : undefined;
  switch (declared ?? builtIn) {
    case 'date':
      return 'date';
    case 'timestamp':
      return 'timestamp';
    case 'string':
    case 'int':
    case 'number':
    case 'bool':
    case undefined:
      return 'text';
    default:
      throw new RangeError(`no type of parameters: ${declared}`);
  }
}
