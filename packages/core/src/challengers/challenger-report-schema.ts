import { z } from 'zod';

const count = z.int().nonnegative();

const numbers = z.strictObject({
  kind: z.literal('numbers'),
  column: z.string().describe("The champion's column of the output."),
  challengerColumn: z.string(),
  compared: count.describe('Rows in which both are finite.'),
  meanDifference: z
    .number()
    .nullable()
    .describe('The mean of challenger minus champion; null without a compared row.'),
  meanAbsoluteDifference: z.number().nullable(),
  largestDifference: z.number().nullable().describe('Of the absolute differences.'),
  rankCorrelation: z
    .number()
    .nullable()
    .describe("Spearman's coefficient over `rankedRows`; null where one side has a single value."),
  rankedRows: count,
  bands: z
    .strictObject({
      limits: z.array(z.number()),
      rows: z
        .array(z.array(count))
        .describe("Rows by the champion's band, and within it by the challenger's."),
      changed: count.describe('Rows that are in another band.'),
    })
    .optional(),
});

const labels = z.strictObject({
  kind: z.literal('labels'),
  column: z.string(),
  challengerColumn: z.string(),
  compared: count.describe('Rows in which neither is null.'),
  equal: count,
});

/** A challenger as the manifest and other documents have it. */
export const challengerReportSchema = z.strictObject({
  name: z.string(),
  uri: z.string(),
  sha256: z.string(),
  model: z
    .strictObject({
      name: z.string(),
      version: z.int().positive(),
      alias: z.string().optional(),
    })
    .optional()
    .describe('Where it is of the model registry.'),
  share: z.number().describe('Of the rows, as the job has it.'),
  rows: z.strictObject({
    sampled: count.describe('Rows of its share among those that are in the output.'),
    scored: count,
    failed: count.describe('Rows of its share that it gave no score for: null in the output.'),
  }),
  columns: z.array(z.discriminatedUnion('kind', [numbers, labels])),
});

export type ChallengerReport = z.output<typeof challengerReportSchema>;
export type ComparedColumn = ChallengerReport['columns'][number];
export type ComparedNumbers = Extract<ComparedColumn, { kind: 'numbers' }>;
