import type { DuckDBConnection } from '@duckdb/node-api';
import type { BinaryMeasures } from '@shardmill/core';
import { makeLevels, numbersOf, readTenths, type ScoredRows } from './score-levels.js';

const BINS = 10;
/** Probabilities are kept this far from 0 and 1 for the logarithm: the epsilon of a double. */
const EPSILON = 2 ** -52;

/** How good scores are for labels of two kinds. */
export async function measureBinary(
  rowsOf: ScoredRows,
  threshold: number,
): Promise<{ rows: number; measures: BinaryMeasures }> {
  const { connection } = rowsOf;
  const rows = await makeLevels(rowsOf);
  const [positives = 0, least, greatest] = await numbersOf(
    connection,
    'SELECT coalesce(sum(p), 0), min(s), max(s) FROM levels',
  );
  const yes = positives ?? 0;
  const no = rows - yes;
  // Pairs of a positive and a negative: twice those in the right order, and once those of one score.
  const [pairs, averagePrecision] = await numbersOf(
    connection,
    `SELECT sum(p::HUGEINT * (2 * (${no} - upto + hits::BIGINT) + n - p::BIGINT))::DOUBLE,
       fsum((p / ${Math.max(yes, 1)}) * (hits / upto)) FROM levels`,
  );
  const isProbability = rows > 0 && (least ?? -1) >= 0 && (greatest ?? 2) <= 1;
  const measures = {
    positives: yes,
    auc: yes > 0 && no > 0 && pairs !== undefined && pairs !== null ? pairs / 2 / yes / no : null,
    averagePrecision: yes > 0 ? (averagePrecision ?? null) : null,
    ...(isProbability ? await calibration(connection, rows) : NO_CALIBRATION),
    lift: (await readTenths(connection, rows)).map(({ labels, labelsUpto, ...tenth }) => ({
      ...tenth,
      positives: labels,
      rate: labels / tenth.rows,
      lift: yes > 0 ? labels / tenth.rows / (yes / rows) : null,
      captured: yes > 0 ? labelsUpto / yes : null,
    })),
    confusion: await confusionAt(connection, threshold, rows, yes),
  };
  return { rows, measures };
}

type Calibration = Pick<
  BinaryMeasures,
  'logLoss' | 'brierScore' | 'calibrationError' | 'calibration'
>;

const NO_CALIBRATION: Calibration = {
  logLoss: null,
  brierScore: null,
  calibrationError: null,
  calibration: [],
};

/** Of scores that are probabilities. */
async function calibration(connection: DuckDBConnection, rows: number): Promise<Calibration> {
  const clipped = `greatest(${EPSILON}::DOUBLE, least(1 - ${EPSILON}::DOUBLE, s))`;
  const [logLoss, brierScore] = await numbersOf(
    connection,
    `SELECT fsum(-p * ln(${clipped}) - (n - p) * ln(1 - ${clipped})) / ${rows},
       fsum(p * (1 - s) ** 2 + (n - p) * s ** 2) / ${rows} FROM levels`,
  );
  // A bin has its right edge and not its left one, apart from the first, which has both.
  const edges = Array.from({ length: BINS - 1 }, (_, i) => (i + 1) / BINS);
  const bin = edges.map((edge) => `(s > ${edge}::DOUBLE)::INTEGER`).join(' + ');
  const reader = await connection.runAndReadAll(
    `SELECT ${bin} AS bin, sum(n)::DOUBLE AS n, fsum(n * s) / sum(n), sum(p) / sum(n)
     FROM levels GROUP BY bin ORDER BY bin`,
  );
  const bins = reader.getRows().map((row) => {
    const [index = 0, count = 0, meanScore = 0, observed = 0] = row.map(Number);
    return { from: index / BINS, to: (index + 1) / BINS, rows: count, meanScore, observed };
  });
  const calibrationError = bins.reduce(
    (sum, { rows: count, meanScore, observed }) =>
      sum + (count / rows) * Math.abs(meanScore - observed),
    0,
  );
  return {
    logLoss: logLoss ?? null,
    brierScore: brierScore ?? null,
    calibrationError,
    calibration: bins,
  };
}

async function confusionAt(
  connection: DuckDBConnection,
  threshold: number,
  rows: number,
  positives: number,
): Promise<BinaryMeasures['confusion']> {
  const [taken, hits] = await numbersOf(
    connection,
    `SELECT coalesce(sum(n), 0)::DOUBLE, coalesce(sum(p), 0) FROM levels WHERE s >= ${threshold}::DOUBLE`,
  );
  const truePositives = hits ?? 0;
  const falsePositives = (taken ?? 0) - truePositives;
  const falseNegatives = positives - truePositives;
  const trueNegatives = rows - positives - falsePositives;
  return {
    threshold,
    truePositives,
    falsePositives,
    trueNegatives,
    falseNegatives,
    accuracy: rows > 0 ? (truePositives + trueNegatives) / rows : 0,
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, positives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
