import { z } from 'zod';
import { modelFields } from './model-schema.js';
import { sql } from '../values/sql-schema.js';

const MAX_CHALLENGERS = 8;
const MAX_BANDS = 20;

const isAscending = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value > (values[index - 1] ?? value));

/** @param feature the schema of the job's own features. */
const challengerSchema = <F extends z.ZodType>(feature: F) =>
  z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,30}$/, 'expected lower-case letters, digits and _')
        .describe('What its columns of the output begin with.'),
      model: z.strictObject(modelFields),
      features: z
        .record(z.string(), feature)
        .optional()
        .describe("ONNX input to SQL; the job's own features where left out."),
      columns: z
        .record(z.string().min(1), sql)
        .optional()
        .describe(
          "Columns to SQL over input columns, the challenger's outputs and its earlier columns; where left out, those of output.columns that use the model.",
        ),
      share: z
        .number()
        .gt(0, 'expected a number above 0, and 1 at most')
        .max(1, 'expected a number above 0, and 1 at most')
        .default(1)
        .describe('The share of rows that it scores.'),
      shareBy: z
        .string()
        .min(1)
        .optional()
        .describe('The input column whose hash decides which rows those are.'),
      bands: z
        .array(z.number())
        .min(1)
        .max(MAX_BANDS)
        .refine(isAscending, 'expected numbers in ascending order')
        .optional()
        .describe('Limits between bands of a score: rows that change their band are counted.'),
    })
    .refine(({ share, shareBy }) => share === 1 || shareBy !== undefined, {
      path: ['shareBy'],
      message: 'expected an input column by which a share below 1 is chosen',
    });

/** Models that score beside the job's own, in the same run. */
export const challengersSchema = <F extends z.ZodType>(feature: F) =>
  z
    .array(challengerSchema(feature))
    .min(1)
    .max(MAX_CHALLENGERS)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, {
      message: 'expected distinct names',
    });
