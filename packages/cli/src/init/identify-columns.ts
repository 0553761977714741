import { isNumeric, isText, type KnownColumn } from './known-column.js';

const KEY_WORDS = /^(id|ids|key|uuid|guid|pk|rowid|identifier)$/;
const LABEL_WORDS = /^(label|target|y|class|outcome)$/;

/** The words of a name: `customerID`, `customer-id` and `Customer Id` are `customer`, `id`. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/** By the first or the last word: `id_card_days` may be one, `days_id_publish` is none. */
function isNamedKey({ name }: KnownColumn): boolean {
  const words = wordsOf(name);
  return [words.at(0), words.at(-1)].some((word) => word !== undefined && KEY_WORDS.test(word));
}

/** Whether no two of the first rows have the same value. */
const isUnique = ({ sample }: KnownColumn): boolean =>
  sample !== undefined && sample.rows > 1 && sample.distinct === sample.rows;

const isWhole = ({ sample }: KnownColumn): boolean => sample?.whole === true;

/**
 * Whether a column identifies rows: by its name, or since it has another whole number in each row.
 * It may be a feature all the same; but nothing that only goes by types and order should take it.
 */
export function looksLikeKey(column: KnownColumn): boolean {
  if (column.partition) return false;
  return isNamedKey(column) || (isNumeric(column) && isWhole(column) && isUnique(column));
}

/** Whether a column is what a model is trained to predict, by its name. */
export function looksLikeLabel({ name }: KnownColumn): boolean {
  return LABEL_WORDS.test(wordsOf(name).join(' '));
}

/**
 * The columns by which a score finds its row: those named so, else the first that has another
 * whole number or text in each row. None where no column looks like it.
 */
export function keyColumns(columns: readonly KnownColumn[]): KnownColumn[] {
  const named = columns.filter((column) => !column.partition && isNamedKey(column));
  if (named.length > 0) return named;
  const unique = columns.find(
    (column) => isUnique(column) && (isText(column) || (isNumeric(column) && isWhole(column))),
  );
  return unique === undefined ? [] : [unique];
}
