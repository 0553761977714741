import { type Column, NameIndex, parseType, ShardmillError, suggestion } from '@shardmill/core';

/**
 * How two values are held against each other: `exact` for whole numbers, too; `number` and `numbers`
 * (lists of them) by tolerance; `incomparable` where one is a number and the other a text, or the like.
 */
export type Comparison = 'exact' | 'integer' | 'number' | 'numbers' | 'incomparable';

/** A column of the scores and the one of the expected scores that has the same name. */
export interface ColumnPair {
  readonly scores: Column;
  readonly expected: Column;
  readonly comparison: Comparison;
}

export interface PairedColumns {
  readonly keys: readonly ColumnPair[];
  readonly columns: readonly ColumnPair[];
}

/**
 * Which columns are compared: all that both have, by exact name or else without regard to case.
 * @throws USAGE where a key is missing or cannot be joined, or where nothing else is in common
 */
export function pairColumns(
  scores: readonly Column[],
  expected: readonly Column[],
  keys: readonly string[],
): PairedColumns {
  const index = { scores: new NameIndex(scores), expected: new NameIndex(expected) };
  const keyPairs = keys.map((key) => {
    const pair = pairOf(
      only(index.scores, key, 'the output of the job'),
      only(index.expected, key, 'the file of expected scores'),
    );
    if (pair.comparison !== 'exact' && pair.comparison !== 'integer' && !isSame(pair)) {
      const types = `${pair.scores.type} in the output of the job and ${pair.expected.type} in the file of expected scores`;
      throw new ShardmillError('USAGE', `the key "${key}" is ${types}`, {
        where: '--key',
        remedy: 'Write it with one type in both: a whole number, a text or a date.',
      });
    }
    return pair;
  });
  const taken = new Set(keyPairs.map((pair) => pair.scores.name));
  const columns = scores.flatMap((column) => {
    const [other, ...others] = taken.has(column.name) ? [] : index.expected.find(column.name);
    return other === undefined || others.length > 0 ? [] : [pairOf(column, other)];
  });
  if (columns.length > 0) return { keys: keyPairs, columns };
  const names = (of: readonly Column[]): string =>
    of
      .filter(({ name }) => !keys.includes(name))
      .map(({ name }) => `"${name}"`)
      .join(', ') || 'nothing';
  throw new ShardmillError(
    'USAGE',
    `beside the key, the output of the job and the expected scores have no column in common: ${names(scores)} here, ${names(expected)} there`,
    {
      where: '--expect',
      remedy: 'Rename the columns of one of them, so that equal names mean the same.',
    },
  );
}

function only(index: NameIndex<Column>, key: string, where: string): Column {
  const [column, ...others] = index.find(key);
  if (column !== undefined && others.length === 0) return column;
  const names = index.items.map(({ name }) => name);
  const message =
    column === undefined
      ? `${where} has no column "${key}".${suggestion(key, names)}`
      : `${where} has several columns that "${key}" can mean`;
  throw new ShardmillError('USAGE', message, {
    where: '--key',
    remedy:
      'Give a column that identifies each row and that both have; output.columns may need it.',
  });
}

function pairOf(scores: Column, expected: Column): ColumnPair {
  return { scores, expected, comparison: compareTypes(scores.type, expected.type) };
}

/** How values of two types are held against each other. */
export function compareTypes(a: string, b: string): Comparison {
  const [left, right] = [kindOf(a), kindOf(b)];
  if (left === 'integer' && right === 'integer') return 'integer';
  if (isNumber(left) && isNumber(right)) return 'number';
  if (left === 'numbers' && right === 'numbers') return 'numbers';
  return left === right ? 'exact' : 'incomparable';
}

function isSame({ scores, expected, comparison }: ColumnPair): boolean {
  return comparison === 'number' && scores.type === expected.type;
}

const isNumber = (kind: string): boolean => ['integer', 'float', 'BOOLEAN'].includes(kind);

function kindOf(type: string): string {
  const tree = parseType(type);
  if (tree.kind === 'list')
    return isNumber(kindOf(type.replace(/\[\d*\]$/, ''))) ? 'numbers' : listKind(type);
  if (/^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\s*0\))$/.test(type))
    return 'integer';
  if (/^(FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) return 'float';
  if (type.startsWith('TIMESTAMP')) return 'timestamp';
  return type;
}

/** Parquet keeps no length of fixed-length lists. */
const listKind = (type: string): string => type.replaceAll(/\[\d+\]/g, '[]');
