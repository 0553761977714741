/** The last rows of a tenth: those of one score, in the order of falling scores. */
export interface LevelAtCut {
  readonly score: number;
  readonly rows: number;
  /** Rows up to these, with them. */
  readonly upto: number;
  /** Sums over these rows alone, and over all up to them. */
  readonly labels: number;
  readonly labelsUpto: number;
  readonly scoresUpto: number;
}

/** A tenth of the rows in the order of their scores, the greatest first. */
export interface Tenth {
  readonly decile: number;
  readonly rows: number;
  readonly leastScore: number;
  readonly meanScore: number;
  /** The sum of the labels. */
  readonly labels: number;
  /** The same of this tenth and those before. */
  readonly labelsUpto: number;
}

const TENTHS = 10;

/** After how many rows each tenth ends. */
export const cutsOf = (rows: number): number[] =>
  Array.from({ length: TENTHS }, (_, i) => (rows * (i + 1)) / TENTHS);

/**
 * Divides rows into tenths of one size. Rows of one score that lie on a cut are divided by their share, as
 * they are on average over all orders: no order of the files decides.
 * @param levels the rows in which each cut lies; one may be that of several cuts.
 */
export function tenthsOf(rows: number, levels: readonly LevelAtCut[]): Tenth[] {
  let [rowsBefore, labelsBefore, scoresBefore] = [0, 0, 0];
  return cutsOf(rows).map((cut, index) => {
    const last = index === TENTHS - 1;
    const level = last ? levels.at(-1) : levels.find(({ upto }) => upto >= cut);
    if (level === undefined) throw new RangeError(`no row is at ${cut} of ${rows}`);
    const beyond = last ? 0 : level.upto - cut;
    const labels = level.labelsUpto - level.labels * (beyond / level.rows);
    const scores = level.scoresUpto - level.score * beyond;
    const size = cut - rowsBefore;
    const tenth = {
      decile: index + 1,
      rows: size,
      leastScore: level.score,
      meanScore: (scores - scoresBefore) / size,
      labels: labels - labelsBefore,
      labelsUpto: labels,
    };
    [rowsBefore, labelsBefore, scoresBefore] = [cut, labels, scores];
    return tenth;
  });
}
