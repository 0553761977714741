import type { BinaryMeasures } from '@shardmill/core';
import { CompensatedSum } from './compensated-sum.js';
import { countRows, type Level, readLevels, type ScoredRows, TenthCuts } from './score-levels.js';

const BINS = 10;
/** Probabilities are kept this far from 0 and 1 for the logarithm: the epsilon of a double. */
const EPSILON = 2 ** -52;

/** How good scores are for labels of two kinds. */
export async function measureBinary(
  rowsOf: ScoredRows,
  threshold: number,
): Promise<{ rows: number; measures: BinaryMeasures }> {
  const { rows, labels: yes } = await countRows(rowsOf);
  const no = rows - yes;
  const tenths = new TenthCuts(rows);
  const curve = new Curve(yes, no);
  const calibration = new Calibration(rows);
  let [taken, hits] = [0, 0];
  await readLevels(rowsOf, (level) => {
    tenths.add(level);
    curve.add(level);
    calibration.add(level);
    if (level.score >= threshold) [taken, hits] = [level.upto, level.labelsUpto];
  });
  const measures = {
    positives: yes,
    auc: curve.auc,
    averagePrecision: yes > 0 ? curve.averagePrecision : null,
    ...calibration.finish(),
    lift: tenths.finish().map(({ labels, labelsUpto, ...tenth }) => ({
      ...tenth,
      positives: labels,
      rate: labels / tenth.rows,
      lift: yes > 0 ? labels / tenth.rows / (yes / rows) : null,
      captured: yes > 0 ? labelsUpto / yes : null,
    })),
    confusion: confusionAt(threshold, { rows, yes, taken, hits }),
  };
  return { rows, measures };
}

/** What follows from the order of the scores alone. */
class Curve {
  /** Pairs of a yes and a no: twice those in the right order, and once those of one score. */
  #pairs = 0;
  /** What would not be exact any more as a double. */
  #morePairs = 0n;
  readonly #precision = new CompensatedSum();

  constructor(
    readonly yes: number,
    readonly no: number,
  ) {}

  add({ rows, labels, upto, labelsUpto }: Level): void {
    if (labels === 0) return;
    const below = 2 * (this.no - upto + labelsUpto) + rows - labels;
    const pairs = this.#pairs + labels * below;
    if (pairs <= Number.MAX_SAFE_INTEGER) this.#pairs = pairs;
    else {
      this.#morePairs += BigInt(this.#pairs) + BigInt(labels) * BigInt(below);
      this.#pairs = 0;
    }
    this.#precision.add((labels / this.yes) * (labelsUpto / upto));
  }

  /** Null where all labels are the same. */
  get auc(): number | null {
    const { yes, no } = this;
    if (yes === 0 || no === 0) return null;
    return Number(this.#morePairs + BigInt(this.#pairs)) / 2 / yes / no;
  }

  get averagePrecision(): number {
    return this.#precision.value;
  }
}

type CalibrationMeasures = Pick<
  BinaryMeasures,
  'logLoss' | 'brierScore' | 'calibrationError' | 'calibration'
>;

/** Of scores that are probabilities. */
class Calibration {
  #isProbability = true;
  readonly #logLoss = new CompensatedSum();
  readonly #brier = new CompensatedSum();
  readonly #bins = Array.from({ length: BINS }, () => ({
    rows: 0,
    labels: 0,
    scores: new CompensatedSum(),
  }));
  /** Levels come in falling order. */
  #bin = BINS - 1;

  constructor(readonly rows: number) {}

  add({ score, rows, labels }: Level): void {
    this.#isProbability &&= score >= 0 && score <= 1;
    if (!this.#isProbability) return;
    const clipped = Math.max(EPSILON, Math.min(1 - EPSILON, score));
    const others = rows - labels;
    if (labels > 0) this.#logLoss.add(-labels * Math.log(clipped));
    if (others > 0) this.#logLoss.add(-others * Math.log(1 - clipped));
    this.#brier.add(labels * (1 - score) ** 2 + others * score ** 2);
    // A bin has its right edge and not its left one, apart from the first, which has both.
    while (this.#bin > 0 && score <= this.#bin / BINS) this.#bin--;
    const bin = this.#bins[this.#bin];
    if (bin === undefined) return;
    bin.rows += rows;
    bin.labels += labels;
    bin.scores.add(rows * score);
  }

  finish(): CalibrationMeasures {
    if (!this.#isProbability || this.rows === 0) {
      return { logLoss: null, brierScore: null, calibrationError: null, calibration: [] };
    }
    const calibration = this.#bins.flatMap(({ rows, labels, scores }, index) => {
      if (rows === 0) return [];
      const [meanScore, observed] = [scores.value / rows, labels / rows];
      return [{ from: index / BINS, to: (index + 1) / BINS, rows, meanScore, observed }];
    });
    const calibrationError = calibration.reduce(
      (sum, { rows, meanScore, observed }) =>
        sum + (rows / this.rows) * Math.abs(meanScore - observed),
      0,
    );
    return {
      logLoss: this.#logLoss.value / this.rows,
      brierScore: this.#brier.value / this.rows,
      calibrationError,
      calibration,
    };
  }
}

/** @param taken rows whose score is at least the threshold, and `hits` those of them that are a yes. */
function confusionAt(
  threshold: number,
  { rows, yes, taken, hits }: Readonly<Record<'rows' | 'yes' | 'taken' | 'hits', number>>,
): BinaryMeasures['confusion'] {
  const falsePositives = taken - hits;
  const falseNegatives = yes - hits;
  const trueNegatives = rows - yes - falsePositives;
  return {
    threshold,
    truePositives: hits,
    falsePositives,
    trueNegatives,
    falseNegatives,
    accuracy: rows > 0 ? (hits + trueNegatives) / rows : 0,
    precision: ratio(hits, hits + falsePositives),
    recall: ratio(hits, yes),
    f1: ratio(2 * hits, 2 * hits + falsePositives + falseNegatives),
  };
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
