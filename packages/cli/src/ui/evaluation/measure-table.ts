import type { EvaluationDocument } from '@shardmill/client/document-schemas';
import { formatCount, formatValue } from '../text/format.js';

/** A row for each column of scores: all measures that are one number. */
export function measureTable({ task, scores }: Pick<EvaluationDocument, 'task' | 'scores'>): {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  return {
    head: ['score', 'rows', 'missing', ...HEADS[task]],
    rows: scores.map((score) => [
      score.column,
      formatCount(score.rows),
      formatCount(score.missing),
      ...numbersOf(score).map((value) => (value === null ? '–' : formatValue(value))),
    ]),
  };
}

const HEADS: Readonly<Record<EvaluationDocument['task'], readonly string[]>> = {
  binary: ['AUC', 'avg prec', 'log loss', 'Brier', 'ECE', 'precision', 'recall', 'F1'],
  regression: ['MAE', 'RMSE', 'R²', 'bias'],
  classes: ['accuracy', 'macro F1', 'weighted F1'],
};

function numbersOf({
  binary,
  regression,
  classes,
}: EvaluationDocument['scores'][number]): (number | null)[] {
  if (binary !== undefined) {
    const { auc, averagePrecision, logLoss, brierScore, calibrationError, confusion } = binary;
    const { precision, recall, f1 } = confusion;
    return [auc, averagePrecision, logLoss, brierScore, calibrationError, precision, recall, f1];
  }
  if (regression !== undefined) {
    const { meanAbsoluteError, rootMeanSquaredError, r2, bias } = regression;
    return [meanAbsoluteError, rootMeanSquaredError, r2, bias];
  }
  if (classes === undefined) return [];
  return [classes.accuracy, classes.macroF1, classes.weightedF1];
}
