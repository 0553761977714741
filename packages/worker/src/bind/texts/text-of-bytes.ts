import type { Column } from '@shardmill/core';
import { get, isNode, type SqlNode, walk } from '../../sql/parse-expression.js';
import { quoteName } from '../../duckdb/quote.js';

/**
 * Names the columns of bytes that an expression casts to text: DuckDB writes what is not ASCII as
 * `\xC3\xA9` then, which is seldom what is meant.
 * @param columnOf the column of the input that a reference means.
 */
export function textOfBytes(
  tree: SqlNode,
  columnOf: (path: readonly string[]) => readonly Column[],
): string[] {
  const names = new Set<string>();
  for (const node of walk(tree)) {
    if (node['class'] !== 'CAST' || get(node['cast_type'], 'id') !== 'VARCHAR') continue;
    const child = node['child'];
    const path = isNode(child) && child['class'] === 'COLUMN_REF' ? child['column_names'] : [];
    if (!Array.isArray(path)) continue;
    for (const { name, type } of columnOf(path.map(String))) if (type === 'BLOB') names.add(name);
  }
  return [...names];
}

/** A sentence for the plan's notices. */
export function bytesNotice(where: string, sql: string, name: string): string {
  const column = /^[a-z_]\w*$/i.test(name) ? name : quoteName(name);
  return `${where}: "${sql}" writes the bytes of "${name}" that are not ASCII as \\xC3\\xA9; decode(${column}) reads them as UTF-8`;
}
