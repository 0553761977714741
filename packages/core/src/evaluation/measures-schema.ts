import { z } from 'zod';

/**
 * How good scores are by labels that came later. `docs/evaluate.md` defines each measure; null stands
 * for one that is not defined for these rows.
 */

const count = z.int().nonnegative();
const measure = z.number().nullable();
const place = z.int().min(1).max(10).describe('1 is the tenth with the greatest scores.');
const share = z.number().nonnegative();

const calibrationBin = z.object({
  from: z.number(),
  to: z.number(),
  rows: count,
  meanScore: z.number(),
  observed: z.number().describe('The share of positives.'),
});

const liftDecile = z.object({
  decile: place,
  rows: share.describe('A tenth of the rows, so not always a whole number.'),
  leastScore: z.number(),
  meanScore: z.number(),
  positives: share.describe('Rows of one score that are in two tenths count by their share.'),
  rate: z.number().describe('The share of positives.'),
  lift: measure.describe('The rate, divided by that of all rows.'),
  captured: measure.describe('The share of all positives that is in this tenth and those before.'),
});

const confusion = z.object({
  threshold: z.number().describe('A score that is at least this is taken for positive.'),
  truePositives: count,
  falsePositives: count,
  trueNegatives: count,
  falseNegatives: count,
  accuracy: z.number(),
  precision: measure,
  recall: measure,
  f1: measure,
});

/** Of scores for labels of two kinds. */
const binaryMeasures = z.object({
  positives: count,
  auc: measure.describe('Area under the ROC curve; pairs with one score count one half.'),
  averagePrecision: measure,
  logLoss: measure.describe('Null where a score is no probability, as what follows.'),
  brierScore: measure,
  calibrationError: measure.describe('Expected calibration error over the bins of `calibration`.'),
  calibration: z
    .array(calibrationBin)
    .describe('Bins of one width; those without rows are left out.'),
  lift: z.array(liftDecile),
  confusion,
});

const biasDecile = z.object({
  decile: place,
  rows: share,
  leastScore: z.number(),
  meanScore: z.number(),
  meanLabel: z.number(),
  bias: z.number().describe('The mean of score minus label.'),
});

/** Of scores for labels that are numbers. */
const regressionMeasures = z.object({
  meanAbsoluteError: z.number(),
  rootMeanSquaredError: z.number(),
  r2: measure.describe('Null where all labels are the same.'),
  bias: z.number().describe('The mean of score minus label.'),
  deciles: z.array(biasDecile),
});

const classMeasure = z.object({
  class: z.string(),
  rows: count.describe('Rows with this label.'),
  predicted: count,
  correct: count,
  precision: measure,
  recall: measure,
  f1: z.number(),
});

/** Of predicted labels. */
const classMeasures = z.object({
  accuracy: z.number(),
  macroF1: z.number().describe('The mean over all classes.'),
  weightedF1: z.number().describe('The mean over all classes, each by its rows.'),
  classes: z.array(classMeasure).describe('The most frequent labels first.'),
  confusions: z
    .array(z.object({ label: z.string(), predicted: z.string(), rows: count }))
    .describe('What was taken for what, the most frequent first; the first 20.'),
});

export const EVALUATION_TASKS = ['binary', 'regression', 'classes'] as const;

/** Of one column of scores; of `binary`, `regression` and `classes` it has the one of the task. */
const evaluatedScore = z.object({
  column: z.string(),
  type: z.string(),
  rows: count.describe('Rows with a label and a score, of which all measures are.'),
  missing: count.describe('Rows with a label whose score is null, NaN or infinite.'),
  binary: binaryMeasures.optional(),
  regression: regressionMeasures.optional(),
  classes: classMeasures.optional(),
});

/** How the rows of both sides found each other. */
const joinedRows = z.object({
  results: count.describe('Rows of the result.'),
  labels: count.describe('Rows of the labels.'),
  joined: count.describe('Rows whose key is in both.'),
  withoutLabel: count.describe('Rows of the result whose key the labels do not have.'),
  withoutResult: count.describe('Rows of the labels whose key the result does not have.'),
  nullKeys: z.object({ results: count, labels: count }).describe('Rows that have no key.'),
  nullLabels: count.describe('Joined rows whose label is null, NaN or infinite.'),
});

export const evaluationSchema = z.object({
  task: z.enum(EVALUATION_TASKS),
  positive: z.string().nullable().describe('The label that stands for yes, where it was given.'),
  rows: joinedRows,
  scores: z.array(evaluatedScore),
});

export type Evaluation = z.output<typeof evaluationSchema>;
export type EvaluationTask = Evaluation['task'];
export type EvaluatedScore = Evaluation['scores'][number];
export type BinaryMeasures = z.output<typeof binaryMeasures>;
export type RegressionMeasures = z.output<typeof regressionMeasures>;
export type ClassMeasures = z.output<typeof classMeasures>;
export type JoinedRows = z.output<typeof joinedRows>;
