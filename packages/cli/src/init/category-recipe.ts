import { quoteText, type TensorInfo } from '@shardmill/core';
import type { KnownColumn } from './known-column.js';
import { sqlName } from './sql-name.js';

/** How to make numbers of a column of texts, for a model that takes its codes. */
export interface CategoryRecipe {
  readonly sql: string;
  /** Lines of comment. */
  readonly says: string;
}

/**
 * Encoders number the categories in the order of their training: which one, a file cannot say. That
 * of scikit-learn's OrdinalEncoder and LabelEncoder and of pandas' categories is the sorted one,
 * which is proposed. A text that is not in the list becomes null.
 */
export function categoryRecipe(column: KnownColumn, { type }: TensorInfo): CategoryRecipe {
  const name = sqlName(column.name);
  const { values, rows } = column.sample ?? { values: null, rows: 0 };
  const isNumbers = values?.every((value) => value.trim() !== '' && Number.isFinite(Number(value)));
  if (isNumbers === true) {
    const sql = `try_cast(${name} AS ${type.startsWith('float') ? 'DOUBLE' : 'BIGINT'})`;
    return { sql, says: `${column.name} is text that holds numbers; use ${sql}` };
  }
  const list = values === null ? "'first', 'second'" : values.map(quoteText).join(', ');
  const sql = `list_position([${list}], ${name}) - 1`;
  const seen =
    values === null
      ? 'with all categories in the order of the training'
      : `with the categories of the first ${rows} rows, sorted as scikit-learn does; compare with the training`;
  return { sql, says: `${column.name} is text; for codes from 0, ${seen}:\n  ${sql}` };
}
