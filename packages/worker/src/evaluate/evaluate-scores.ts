import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type Column,
  type EvaluatedScore,
  type Evaluation,
  type EvaluationTask,
  ShardmillError,
} from '@shardmill/core';
import { dataError } from '../duckdb/duckdb-error.js';
import { openDatabase } from '../duckdb/open-database.js';
import { quoteText } from '../duckdb/quote.js';
import type { FooterStager } from '../stage/footer-stager.js';
import { makeWorkFolder } from '../stage/work-folder.js';
import { decideTask, type LabelFacts } from './decide-task.js';
import { type EvaluationRequest, kindOfColumn } from './evaluation-request.js';
import { joinLabels, type StagedSides } from './join-labels.js';
import { measureBinary } from './measure-binary.js';
import { measureClasses } from './measure-classes.js';
import { measureRegression } from './measure-regression.js';
import { numbersOf } from './score-levels.js';

const MEMORY_BYTES = 1024 ** 3;
const MAX_THREADS = 8;
const MAX_FREQUENT = 5;

/**
 * Joins scores with labels by their keys, and measures how good the scores are. What does not fit into
 * memory is kept on disk meanwhile.
 * @throws LABELS_…, INPUT_DAMAGED, DISK_FULL, ENGINE_OUT_OF_MEMORY, STORE_…
 */
export async function evaluateScores(
  request: EvaluationRequest,
  stager: FooterStager,
): Promise<Evaluation> {
  const { keys, scores, label, scoreFiles, labelFiles } = request;
  const ofResult = [...keys.map((key) => key.scores.name), ...scores.map(({ name }) => name)];
  const ofLabels = [...keys.map((key) => key.expected.name), label.name];
  return stager.lendColumns(scoreFiles, ofResult, (scorePaths) =>
    stager.lendColumns(labelFiles, ofLabels, (labelPaths) =>
      evaluateStaged(request, { scores: scorePaths, labels: labelPaths }, stager.cacheFolder),
    ),
  );
}

async function evaluateStaged(
  request: EvaluationRequest,
  staged: StagedSides,
  cacheFolder: string,
): Promise<Evaluation> {
  const folder = await makeWorkFolder(path.join(cacheFolder, 'work'));
  const folders = [...staged.scores, ...staged.labels].map((file) => path.dirname(file));
  try {
    const database = await openDatabase({
      threads: Math.min(MAX_THREADS, availableParallelism()),
      memoryLimitBytes: MEMORY_BYTES,
      folders: [...new Set([...folders, folder.path])],
      temporaryFolder: folder.path,
    });
    try {
      return await evaluate(await database.connect(), request, staged);
    } catch (error) {
      throw dataError(error, 'the scores cannot be evaluated');
    } finally {
      database.close();
    }
  } finally {
    await folder.remove();
  }
}

async function evaluate(
  connection: DuckDBConnection,
  request: EvaluationRequest,
  staged: StagedSides,
): Promise<Evaluation> {
  const { label, scores, threshold, positive = null } = request;
  const joined = await joinLabels(connection, request, staged);
  const labelled = isThere(label, 'y');
  const [nullLabels] = await numbersOf(
    connection,
    `SELECT count(*) FROM joined WHERE NOT coalesce(${labelled}, false)`,
  );
  const rows = { ...joined, nullLabels: nullLabels ?? 0 };
  if (rows.nullLabels === rows.joined) {
    throw new ShardmillError('LABELS_VALUE', `all ${rows.joined} labels are null`, {
      where: label.name,
      remedy: 'Name the column that has the labels with --label.',
    });
  }
  const facts = await factsOf(connection, request, labelled);
  const decided = decideTask(request, facts);
  const isYes = decided.task === 'binary' ? await yesSql(connection, request, facts) : 'NULL';
  const evaluated: EvaluatedScore[] = [];
  for (const score of decided.scores) {
    const column = `c${scores.indexOf(score)}`;
    const measured = await measure({ connection, labelled, column, threshold }, decided.task, {
      label,
      score,
      isYes,
    });
    const missing = rows.joined - rows.nullLabels - measured.rows;
    evaluated.push({ column: score.name, type: score.type, missing, ...measured });
  }
  return { task: decided.task, positive, rows, scores: evaluated };
}

interface Measured {
  readonly connection: DuckDBConnection;
  readonly labelled: string;
  readonly column: string;
  readonly threshold: number;
}

async function measure(
  { connection, labelled, column, threshold }: Measured,
  task: EvaluationTask,
  { label, score, isYes }: { label: Column; score: Column; isYes: string },
): Promise<Omit<EvaluatedScore, 'column' | 'type' | 'missing'>> {
  const rowsOf = { connection, labelled, column };
  switch (task) {
    case 'binary': {
      const yes = `(${isYes})::INTEGER::DOUBLE`;
      const { rows, measures } = await measureBinary({ ...rowsOf, label: yes }, threshold);
      return { rows, binary: measures };
    }
    case 'regression': {
      const { rows, measures } = await measureRegression({ ...rowsOf, label: 'y::DOUBLE' });
      return { rows, regression: measures };
    }
    case 'classes': {
      // A label of 1.0 is the class that a whole number says.
      const numbers = kindOfColumn(label) === 'number' && kindOfColumn(score) === 'number';
      const text = (sql: string): string =>
        numbers ? `${sql}::DOUBLE::VARCHAR` : `${sql}::VARCHAR`;
      const { rows, measures } = await measureClasses(
        connection,
        labelled,
        text('y'),
        text(column),
      );
      return { rows, classes: measures };
    }
    default: {
      const unknown: never = task;
      return unknown;
    }
  }
}

/** Whether a label is there: no null, and of numbers no NaN and no infinity. */
const isThere = (label: Column, sql: string): string =>
  kindOfColumn(label) === 'number' ? `isfinite(${sql}::DOUBLE)` : `${sql} IS NOT NULL`;

async function factsOf(
  connection: DuckDBConnection,
  { label, scores }: EvaluationRequest,
  labelled: string,
): Promise<LabelFacts> {
  const isNumber = kindOfColumn(label) === 'number';
  const texts = scores.filter((column) => kindOfColumn(column) === 'text');
  const agreeing = texts.map((column) => `count_if(c${scores.indexOf(column)} = y::VARCHAR)`);
  const counts = await numbersOf(
    connection,
    `SELECT ${[isNumber ? 'count_if(y NOT IN (0, 1))' : '1', ...agreeing].join(', ')} FROM joined WHERE ${labelled}`,
  );
  const reader = await connection.runAndReadAll(
    `SELECT left(y::VARCHAR, 60), count(*)::DOUBLE AS n FROM joined WHERE ${labelled}
     GROUP BY y ORDER BY n DESC, 1 LIMIT ${MAX_FREQUENT}`,
  );
  return {
    zeroOrOne: counts[0] === 0,
    frequent: reader.getRows().map(([value, n]) => ({ value: String(value), rows: Number(n) })),
    agreeing: new Set(texts.filter((_, i) => (counts[i + 1] ?? 0) > 0).map(({ name }) => name)),
  };
}

/** @throws LABELS_VALUE where no label is the one that stands for yes */
async function yesSql(
  connection: DuckDBConnection,
  { label, positive }: EvaluationRequest,
  { frequent }: LabelFacts,
): Promise<string> {
  if (positive === undefined) return label.type === 'BOOLEAN' ? 'y' : 'y = 1';
  const sql = `y = TRY_CAST(${quoteText(positive)} AS ${label.type})`;
  const [found] = await numbersOf(connection, `SELECT count(*) FROM joined WHERE ${sql}`);
  if (found !== 0 && found !== undefined) return sql;
  const seen = frequent.map(({ value }) => JSON.stringify(value)).join(', ');
  throw new ShardmillError(
    'LABELS_VALUE',
    `no label is ${JSON.stringify(positive)}; there are ${seen}`,
    {
      where: '--positive',
      remedy: 'Give one of the labels as the column has them.',
    },
  );
}
