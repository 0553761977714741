import { z } from 'zod';
import { DRIFT_FORMAT } from './drift-format.js';
import { DRIFT_METRICS } from './metric-names.js';

const count = z.int().nonnegative();
const rows = { baseline: count, current: count };

const bin = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('range'),
    from: z.number().describe('Above it, but for the first bin, which begins with it.'),
    to: z.number().describe('Up to it. One value where both are the same.'),
    ...rows,
  }),
  z.strictObject({ kind: z.literal('text'), text: z.string(), ...rows }),
  z.strictObject({
    kind: z.literal('others').describe('Less frequent texts of the baseline.'),
    ...rows,
  }),
  z.strictObject({
    kind: z.literal('beyond').describe('Values that no bin of the baseline has.'),
    ...rows,
  }),
  z.strictObject({ kind: z.literal('missing').describe('Nulls, NaN and infinities.'), ...rows }),
]);

const measured = {
  metric: z.enum(DRIFT_METRICS),
  value: z.number(),
  probability: z
    .number()
    .describe('How likely so great a difference is by chance, by the test of `docs/drift.md`.'),
};

const judged = z.strictObject({
  ...measured,
  threshold: z
    .number()
    .optional()
    .describe('Above it there is drift; absent where it is not judged.'),
  drifted: z.boolean().optional(),
});

const comparedColumn = z.strictObject({
  name: z.string(),
  of: z.enum(['feature', 'output']),
  type: z.string(),
  /** Rows that were looked at. */
  ...rows,
  metrics: z.array(judged),
  bins: z.array(bin),
  notCompared: z.string().optional().describe('Why there are no metrics.'),
});

/** From where a baseline was taken, and which it was. */
export const pinnedBaselineSchema = z.strictObject({
  uri: z.string().describe('Where it was read.'),
  runId: z.string().nullable().describe('The run whose profile it is.'),
  sha256: z.string().describe('Of the profile as the run keeps it.'),
});

/**
 * What was found of drift, `_shardmill/<runId>/drift.json`: `docs/drift.md` explains it. Created once, so
 * that all processes that finish a run go by one comparison.
 */
export const driftSchema = z.strictObject({
  format: z.literal(DRIFT_FORMAT),
  runId: z.string(),
  planDigest: z.string(),
  severity: z.enum(['warn', 'fail']),
  baseline: pinnedBaselineSchema.nullable().describe('Null where there was no earlier run.'),
  columns: z.array(comparedColumn),
});

/** As the manifest has it: without the bins. */
export const manifestDriftSchema = driftSchema
  .pick({ severity: true, baseline: true })
  .extend({ columns: z.array(comparedColumn.omit({ bins: true })) });

export type ManifestDrift = z.output<typeof manifestDriftSchema>;
export type DriftBin = z.output<typeof bin>;
export type MeasuredMetric = Pick<z.output<typeof judged>, 'metric' | 'value' | 'probability'>;
export type JudgedMetric = z.output<typeof judged>;
export type DriftColumn = z.output<typeof comparedColumn>;
export type PinnedBaseline = z.output<typeof pinnedBaselineSchema>;
export type Drift = z.output<typeof driftSchema>;

/** What is measured of a column, before it is judged. */
export interface MeasuredColumn {
  readonly metrics: MeasuredMetric[];
  readonly bins: DriftBin[];
}
