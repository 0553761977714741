import { z } from 'zod';
import { PROFILE_FORMAT } from './profile-format.js';
import { numberStateSchema, textStateSchema } from './profile-state-schema.js';

const count = z.int().nonnegative();

/** Of each column. */
const column = {
  name: z.string().describe('An output column, a model input, or the column of a packed input.'),
  input: z.string().optional().describe('Of a feature: the input of the model that it is part of.'),
  element: count.optional().describe('Of a feature: its place in that input, from 0.'),
  type: z.string().describe('Of a feature the tensor type, of an output the SQL type.'),
  count: count.describe('Rows that were looked at, those with nulls included.'),
  nulls: count,
  distinct: z
    .strictObject({ count, exact: z.boolean() })
    .describe('Different values; where not exact, with a standard error of 2.3%.'),
};

const numberColumn = z.strictObject({
  ...column,
  kind: z.literal('number'),
  nan: count,
  infinite: count,
  min: z.number().nullable().describe('Exact; of the finite values, as all that follows.'),
  max: z.number().nullable().describe('Exact.'),
  mean: z.number().nullable().describe('Exact but for its rounding to a double.'),
  standardDeviation: z.number().nullable().describe('Of the population: the divisor is n.'),
  quantiles: z
    .array(z.strictObject({ fraction: z.number(), value: z.number() }))
    .describe(
      'By nearest rank, each within 0.8% of its value; exact where `sketch.values` has all values.',
    ),
  histogram: z
    .array(z.strictObject({ from: z.number(), to: z.number(), count }))
    .describe('Bins of one width, but the first and the last, which reach to `min` and `max`.'),
  top: z
    .array(z.strictObject({ value: z.number(), count }))
    .nullable()
    .describe(
      'The most frequent values; at most 20; null where there are more than 200 different ones.',
    ),
  sketch: numberStateSchema.describe('From which the profiles of several runs are merged.'),
});

const textColumn = z.strictObject({
  ...column,
  kind: z.literal('text'),
  minLength: count.nullable().describe('In UTF-16 code units, as the two that follow.'),
  maxLength: count.nullable(),
  meanLength: z.number().nullable(),
  top: z
    .array(z.strictObject({ value: z.string(), count }))
    .nullable()
    .describe(
      'The most frequent texts; at most 20; null where there are more than 500 different or long ones.',
    ),
  sketch: textStateSchema.describe('From which the profiles of several runs are merged.'),
});

const profileColumn = z.discriminatedUnion('kind', [numberColumn, textColumn]);

/**
 * The profile of a run, `_shardmill/<runId>/profile.json`: what its features and outputs look like. Or that of a
 * data set without a job, whose columns are its features. `docs/quality.md` explains both. Keys are added within a
 * version of the format.
 */
export const profileSchema = z.strictObject({
  format: z.literal(PROFILE_FORMAT),
  runId: z.string().nullable().describe('Null of a data set, as the three that follow.'),
  planDigest: z.string().nullable(),
  job: z.strictObject({ name: z.string(), params: z.record(z.string(), z.string()) }).nullable(),
  model: z.strictObject({ uri: z.string(), sha256: z.string() }).nullable(),
  dataset: z
    .strictObject({ uri: z.string().describe('Where it was read.') })
    .optional()
    .describe('The data set that was profiled without a job; absent in the profile of a run.'),
  /** As they enter the model, of the rows that `where` leaves; rows that are rejected are among them. */
  features: z.strictObject({
    sampling: z
      .strictObject({
        every: z.int().positive().describe('One block of rows of so many was looked at.'),
        blockRows: z.int().positive().describe('Rows of a file in a block.'),
        rows: count.describe('Rows that were looked at.'),
      })
      .describe(
        'Which rows these are depends on their places in their files, and on nothing else.',
      ),
    omitted: count.describe('Features that are not profiled.'),
    columns: z.array(profileColumn),
  }),
  /** Of all rows of the result. */
  outputs: z.strictObject({ columns: z.array(profileColumn) }),
});

export type Profile = z.output<typeof profileSchema>;
export type ProfileColumn = z.output<typeof profileColumn>;
export type NumberProfile = z.output<typeof numberColumn>;
export type TextProfile = z.output<typeof textColumn>;
