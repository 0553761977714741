import { describe, expect, it } from 'vitest';
import { keyColumns, looksLikeKey, looksLikeLabel } from './identify-columns.js';
import type { KnownColumn } from './known-column.js';

const column = (name: string, distinct = 50, type = 'BIGINT', whole = true): KnownColumn => ({
  name,
  type,
  nulls: 0,
  sample: { rows: 100, nulls: 0, distinct, whole, values: null },
});

describe('a key', () => {
  it.each(['id', 'ID', 'customer_id', 'customerId', 'Customer ID', 'row-key', 'uuid', 'id_2'])(
    'is a column named %s',
    (name) => {
      expect(looksLikeKey(column(name))).toBe(true);
    },
  );

  it.each(['paid', 'humidity', 'keyboard', 'grid', 'valid', 'monkey', 'days_id_publish'])(
    'is not a column named %s',
    (name) => {
      expect(looksLikeKey(column(name))).toBe(false);
    },
  );

  it('is a column with another whole number in each row, and no measured one', () => {
    expect(looksLikeKey(column('n', 100))).toBe(true);
    expect(looksLikeKey(column('n', 100, 'DOUBLE', true))).toBe(true);
    expect(looksLikeKey(column('n', 100, 'DOUBLE', false))).toBe(false);
    expect(looksLikeKey(column('n', 99))).toBe(false);
  });

  it('is found by name first, then by values, texts included, or not at all', () => {
    const text = column('code', 100, 'VARCHAR', false);
    const names = (...columns: KnownColumn[]): string[] =>
      keyColumns(columns).map(({ name }) => name);
    expect(names(text, column('user_id'), column('order_id'))).toEqual(['user_id', 'order_id']);
    expect(names(column('age'), text, column('n', 100))).toEqual(['code']);
    expect(names(column('age'))).toEqual([]);
    expect(names({ ...column('id'), partition: true })).toEqual([]);
  });
});

it('a label is a column of one of the usual names, and of no other', () => {
  expect(['label', 'Target', 'y', 'CLASS'].every((name) => looksLikeLabel(column(name)))).toBe(
    true,
  );
  expect(['y_pos', 'classes', 'target_price'].some((n) => looksLikeLabel(column(n)))).toBe(false);
});
