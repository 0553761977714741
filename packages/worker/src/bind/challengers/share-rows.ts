import { type Column, NameIndex, sqlNameLookup } from '@shardmill/core';
import { quoteName, quoteText } from '../../duckdb/quote.js';
import { findOne } from '../find-one.js';
import { invalidChallenger } from './about-challenger.js';

/** Types of which there is one text for a value, whatever program writes it. */
const KEY_TYPE = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|VARCHAR|UUID|DATE)$/;

/** The input column by which rows are chosen, as SQL. @throws COLUMN_NOT_FOUND, CHALLENGER_INVALID */
export function keyOfShare(name: string, shareBy: string, columns: readonly Column[]): string {
  const where = `challengers.${name}.shareBy`;
  const words = { owner: 'the input', kind: 'column', list: 'Columns are' };
  const column = findOne(new NameIndex(columns), shareBy, words, where);
  if (!KEY_TYPE.test(column.type)) {
    throw invalidChallenger(
      name,
      'shareBy',
      `"${column.name}" is ${column.type}, expected whole numbers, texts, dates or UUIDs`,
      'Choose a column that identifies what is scored, such as a customer number.',
    );
  }
  return `input.${quoteName(sqlNameLookup(columns, 'column')(column.name))}`;
}

/**
 * Whether a row is in a share of the rows: the first 16 hexadecimal digits of the MD5 of the key's text, as
 * a number of 64 bits, are below that share of 2^64. Rows without a key are in none.
 */
export function isInShare(key: string, share: number): string {
  return `coalesce(md5(CAST(${key} AS VARCHAR)) < ${quoteText(shareLimit(share))}, false)`;
}

/** As 16 hexadecimal digits, so that texts are in the order of the numbers. */
export function shareLimit(share: number): string {
  return BigInt(Math.ceil(share * 2 ** 64))
    .toString(16)
    .padStart(16, '0');
}
