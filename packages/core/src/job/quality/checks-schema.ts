import { z } from 'zod';
import { MAX_NUMBERS } from '../../profile/number-sketch.js';
import { MAX_TEXT_UNITS, MAX_TEXTS } from '../../profile/text-sketch.js';
import { isShare, SHARE_MESSAGE, shareOf } from '../bounds.js';
import { durationSchema } from '../values/duration-schema.js';

/**
 * The checks of a job. `docs/quality.md` explains each kind; the plan keeps them as they are here, so that
 * a run is held to those with which it was planned.
 */

/** Checks of one job: each is a line of its reports. */
const MAX_CHECKS = 200;
/** Earlier runs that a count of rows is compared with. */
const MAX_PREVIOUS_RUNS = 100;

const common = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'expected lower-case letters, digits, - _ and .')
    .describe('Unique in the job: it stands in messages and reports.'),
  severity: z
    .enum(['warn', 'fail'])
    .default('fail')
    .describe('`fail` ends the run before its result is published, `warn` only reports.'),
};

const column = z.string().min(1).optional().describe('An output column.');
const feature = z.string().min(1).optional().describe('A feature, as `profile` names it.');

interface Targeted {
  readonly column?: string | undefined;
  readonly feature?: string | undefined;
}
const hasOneTarget = (check: Targeted): boolean =>
  (check.column === undefined) !== (check.feature === undefined);
const ONE_TARGET = 'expected either column (of the output) or feature';

interface Bounded {
  readonly min?: number | string | undefined;
  readonly max?: number | string | undefined;
}
const hasBound = ({ min, max }: Bounded): boolean => min !== undefined || max !== undefined;
const ONE_BOUND = 'expected min, max or both';
const isOrdered = ({ min, max }: Bounded): boolean =>
  min === undefined || max === undefined || shareOf(min) <= shareOf(max);
const ORDER = 'expected min to be at most max';

const share = z
  .union([z.number(SHARE_MESSAGE), z.string(SHARE_MESSAGE)], SHARE_MESSAGE)
  .refine(isShare, SHARE_MESSAGE);

const count = z.int().nonnegative();
const number = z.number();

const previous = z
  .strictObject({
    runs: z
      .int()
      .min(1)
      .max(MAX_PREVIOUS_RUNS)
      .default(5)
      .describe('How many of the last finished runs of the job are taken.'),
    factor: z
      .number()
      .gt(1, 'expected a number above 1, such as 1.5')
      .optional()
      .describe('At most so many times the median of their counts, and at least its part.'),
    zScore: z
      .number()
      .positive('expected a number above 0, such as 3')
      .optional()
      .describe('At most so many standard deviations from their mean; needs three runs.'),
    sameParams: z
      .array(z.string().min(1))
      .optional()
      .describe('Only runs that have the same values of these parameters.'),
  })
  .refine(({ factor, zScore }) => (factor === undefined) !== (zScore === undefined), {
    message: 'expected either factor or zScore',
  });

const rowCount = z
  .strictObject({
    ...common,
    kind: z.literal('rowCount'),
    rows: z.enum(['scored', 'read']).default('scored'),
    min: count.optional(),
    max: count.optional(),
    previous: previous.optional(),
  })
  .refine((check) => hasBound(check) || check.previous !== undefined, {
    message: 'expected min, max or previous',
  })
  .refine(isOrdered, { message: ORDER });

const rateOf = <K extends string>(kind: K, what: string) =>
  z
    .strictObject({ ...common, kind: z.literal(kind), column, feature, max: share.describe(what) })
    .refine(hasOneTarget, { message: ONE_TARGET });

/** What a range is of. */
const rangeOf = z.enum([
  'values',
  'min',
  'max',
  'mean',
  'standardDeviation',
  'p1',
  'p5',
  'p10',
  'p20',
  'p25',
  'p30',
  'p40',
  'p50',
  'p60',
  'p70',
  'p75',
  'p80',
  'p90',
  'p95',
  'p99',
]);

const range = z
  .strictObject({
    ...common,
    kind: z.literal('range'),
    column,
    feature,
    of: rangeOf.default('values').describe('All values, a bound, the mean, or a percentile.'),
    min: number.optional(),
    max: number.optional(),
  })
  .refine(hasOneTarget, { message: ONE_TARGET })
  .refine(hasBound, { message: ONE_BOUND })
  .refine(isOrdered, { message: ORDER });

const allowedValues = z
  .strictObject({
    ...common,
    kind: z.literal('allowedValues'),
    column,
    feature,
    values: z
      .union([
        z.array(z.string().max(MAX_TEXT_UNITS)).min(1).max(MAX_TEXTS),
        z.array(z.number()).min(1).max(MAX_NUMBERS),
      ])
      .describe('All of these, and null, may occur, and nothing else.'),
  })
  .refine(hasOneTarget, { message: ONE_TARGET });

const rowShare = <K extends string>(kind: K) =>
  z
    .strictObject({
      ...common,
      kind: z.literal(kind),
      min: share.optional(),
      max: share.optional(),
    })
    .refine(hasBound, { message: ONE_BOUND })
    .refine(isOrdered, { message: ORDER });

const freshness = z.strictObject({
  ...common,
  kind: z.literal('freshness'),
  maxAge: durationSchema('1s').describe(
    'Of the newest file of the input, when the run is planned.',
  ),
});

/** Columns of one key. */
const MAX_KEY_COLUMNS = 16;

const unique = z
  .strictObject({
    ...common,
    kind: z.literal('unique'),
    column,
    columns: z
      .array(z.string().min(1))
      .min(1)
      .max(MAX_KEY_COLUMNS)
      .optional()
      .describe('Output columns that are a key together.'),
  })
  .refine((check) => (check.column === undefined) !== (check.columns === undefined), {
    message: 'expected either column or columns (of the output)',
  });

/** Of the SQL of one check, in UTF-16 code units. */
const MAX_SQL_UNITS = 10_000;

const sql = z.strictObject({
  ...common,
  kind: z.literal('sql'),
  sql: z
    .string()
    .min(1)
    .max(MAX_SQL_UNITS)
    .describe('A SELECT over the table `profile`. Each row that it returns is a fault.'),
});

const kinds = [
  rowCount,
  rateOf('nulls', 'The share of rows without a value.'),
  rateOf('nan', 'The share of rows with NaN.'),
  range,
  allowedValues,
  rowShare('rejected'),
  rowShare('filtered'),
  freshness,
  unique,
  sql,
] as const;
const KINDS = kinds.map(({ shape }) => shape.kind.value).join(', ');

export const checkSchema = z.discriminatedUnion('kind', kinds, {
  error: ({ code }) => (code === 'invalid_union' ? `expected one of ${KINDS}` : undefined),
});

export const checksSchema = z
  .array(checkSchema)
  .max(MAX_CHECKS)
  .superRefine((checks, context) => {
    const seen = new Set<string>();
    for (const [index, { name }] of checks.entries()) {
      if (seen.has(name)) {
        const message = 'another check has this name: expected a different one';
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
      seen.add(name);
    }
  })
  .describe('What must hold for the result to be published.');

export type Check = z.output<typeof checkSchema>;
export type CheckOfKind<K extends Check['kind']> = Extract<Check, { kind: K }>;
