import { z } from 'zod';

const upTo = (max: number) => {
  const message = `expected a number from 0 to ${max}`;
  return z.number(message).min(0, message).max(max, message);
};
/** No difference that matters is that large. */
const distance = upTo(1000);
const share = upTo(1);

/** Above which value of a metric there is drift. */
const thresholds = z
  .strictObject({
    psi: distance.optional().describe('Population stability index; 0.1 is small, 0.25 is large.'),
    js: share.optional().describe('Jensen-Shannon distance, from 0 to 1.'),
    chi2: distance.optional().describe("Effect size of chi-squared, Cohen's w."),
    ks: share.optional().describe('Kolmogorov-Smirnov distance, from 0 to 1; of numbers.'),
    wasserstein: distance
      .optional()
      .describe('Wasserstein distance in standard deviations of the baseline; of numbers.'),
  })
  .describe('The value of each metric above which there is drift.');

/** With what a run's features and outputs are compared, and when that is drift. */
export const jobDriftSchema = z
  .strictObject({
    baseline: z
      .string()
      .min(1)
      .describe(
        "'previous', the id of a run at the output location, a profile file (.json), a training set (.parquet), or the output location of other runs.",
      ),
    metrics: thresholds.default({ psi: 0.2 }),
    columns: z
      .record(z.string().min(1), z.union([z.literal(false), thresholds]))
      .default({})
      .describe(
        'Thresholds of single features and outputs; false for those that are not compared.',
      ),
    features: z
      .boolean()
      .default(true)
      .describe('Whether features are compared, or outputs alone.'),
    severity: z
      .enum(['warn', 'fail'])
      .default('warn')
      .describe('Whether a run with drift is published, or ends before.'),
  })
  .describe('The comparison of features and outputs with those of a baseline.');

export type JobDrift = z.output<typeof jobDriftSchema>;
