import type { RegressionMeasures } from '@shardmill/core';
import { countRows, numbersOf, readLevels, type ScoredRows, TenthCuts } from './score-levels.js';

/** How good scores are for labels that are numbers. */
export async function measureRegression(
  rowsOf: ScoredRows,
): Promise<{ rows: number; measures: RegressionMeasures }> {
  const { connection, labelled, label, column } = rowsOf;
  const { rows } = await countRows(rowsOf);
  const tenths = new TenthCuts(rows);
  await readLevels(rowsOf, (level) => tenths.add(level));
  const [absolute, squares, bias, variance] = await numbersOf(
    connection,
    `SELECT fsum(abs(d)) / count(*), fsum(d * d) / count(*), fsum(d) / count(*), var_pop(y)
     FROM (SELECT ${column}::DOUBLE - ${label} AS d, ${label} AS y FROM joined
       WHERE ${labelled} AND isfinite(${column}::DOUBLE))`,
  );
  const deciles = tenths.finish().map(({ decile, rows: size, leastScore, meanScore, labels }) => {
    const meanLabel = labels / size;
    return { decile, rows: size, leastScore, meanScore, meanLabel, bias: meanScore - meanLabel };
  });
  const measures = {
    meanAbsoluteError: absolute ?? 0,
    rootMeanSquaredError: Math.sqrt(squares ?? 0),
    r2: variance ? 1 - (squares ?? 0) / variance : null,
    bias: bias ?? 0,
    deciles,
  };
  return { rows, measures };
}
