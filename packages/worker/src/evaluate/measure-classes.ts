import type { DuckDBConnection } from '@duckdb/node-api';
import { type ClassMeasures, ShardmillError } from '@shardmill/core';

/** How often a label was taken for a class. */
interface ClassPair {
  readonly label: string;
  readonly predicted: string;
  readonly rows: number;
}

const MAX_CLASSES = 1000;
const MAX_CONFUSIONS = 20;

/**
 * How good predicted labels are.
 * @param label, predicted SQL of both as texts, over `joined`.
 * @throws LABELS_VALUE for more classes than a person could look at
 */
export async function measureClasses(
  connection: DuckDBConnection,
  labelled: string,
  label: string,
  predicted: string,
): Promise<{ rows: number; measures: ClassMeasures }> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE pairs AS SELECT ${label} AS l, ${predicted} AS p, count(*) AS n
     FROM joined WHERE ${labelled} AND ${predicted} IS NOT NULL GROUP BY ALL`,
  );
  const counted = await connection.runAndReadAll(
    'SELECT count(*) FROM (SELECT l FROM pairs UNION SELECT p FROM pairs)',
  );
  const classes = Number(counted.getRows()[0]?.[0] ?? 0);
  if (classes > MAX_CLASSES) {
    throw new ShardmillError(
      'LABELS_VALUE',
      `labels and predicted labels have ${classes} different values; up to ${MAX_CLASSES} are evaluated`,
      { remedy: 'Name the column of the labels with --label, and the predicted one with --score.' },
    );
  }
  const reader = await connection.runAndReadAll('SELECT l, p, n::DOUBLE FROM pairs');
  const pairs = reader.getRows().map(([l, p, n]): ClassPair => {
    return { label: String(l), predicted: String(p), rows: Number(n) };
  });
  return {
    rows: pairs.reduce((sum, { rows }) => sum + rows, 0),
    measures: measuresOf(pairs),
  };
}

/** @param pairs each pair once. */
function measuresOf(pairs: readonly ClassPair[]): ClassMeasures {
  const [rowsOf, predictedOf, correctOf] = [tally(), tally(), tally()];
  for (const { label, predicted, rows } of pairs) {
    rowsOf.add(label, rows);
    predictedOf.add(predicted, rows);
    if (label === predicted) correctOf.add(label, rows);
  }
  const all = pairs.reduce((sum, { rows }) => sum + rows, 0);
  const right = pairs.reduce(
    (sum, pair) => sum + (pair.label === pair.predicted ? pair.rows : 0),
    0,
  );
  const names = new Set(pairs.flatMap(({ label, predicted }) => [label, predicted]));
  const classes = [...names].map((name) => {
    const rows = rowsOf.of(name);
    const predicted = predictedOf.of(name);
    const correct = correctOf.of(name);
    return {
      class: name,
      rows,
      predicted,
      correct,
      precision: predicted > 0 ? correct / predicted : null,
      recall: rows > 0 ? correct / rows : null,
      f1: (2 * correct) / (rows + predicted),
    };
  });
  const mean = (weight: (rows: number) => number): number =>
    classes.reduce((sum, { rows, f1 }) => sum + weight(rows) * f1, 0);
  return {
    accuracy: all > 0 ? right / all : 0,
    macroF1: classes.length > 0 ? mean(() => 1 / classes.length) : 0,
    weightedF1: all > 0 ? mean((rows) => rows / all) : 0,
    classes: classes.toSorted((a, b) => b.rows - a.rows || byName(a.class, b.class)),
    confusions: pairs
      .filter(({ label, predicted }) => label !== predicted)
      .toSorted(
        (a, b) => b.rows - a.rows || byName(a.label, b.label) || byName(a.predicted, b.predicted),
      )
      .slice(0, MAX_CONFUSIONS),
  };
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function tally(): { add(name: string, rows: number): void; of(name: string): number } {
  const counts = new Map<string, number>();
  return {
    add: (name, rows) => void counts.set(name, (counts.get(name) ?? 0) + rows),
    of: (name) => counts.get(name) ?? 0,
  };
}
