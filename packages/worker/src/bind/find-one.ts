import { type NameIndex, ShardmillError, suggestion } from '@shardmill/core';

/** Who has the names, and what they are: `the input` and its `column`. */
interface Owner {
  readonly owner: string;
  readonly kind: string;
  /** How the names are listed: `Columns are`. */
  readonly list: string;
}

/**
 * The one item that a name in a job means.
 * @throws COLUMN_NOT_FOUND, EXPRESSION_AMBIGUOUS
 */
export function findOne<T extends { readonly name: string }>(
  index: NameIndex<T>,
  name: string,
  { owner, kind, list }: Owner,
  where: string,
): T {
  const [found, another] = index.find(name);
  if (found === undefined) {
    const names = index.items.map((item) => item.name);
    throw new ShardmillError(
      'COLUMN_NOT_FOUND',
      `${owner} has no ${kind} "${name}".${suggestion(name, names, list)}`,
      { where },
    );
  }
  if (another !== undefined) {
    throw new ShardmillError(
      'EXPRESSION_AMBIGUOUS',
      `"${name}" can be ${owner}'s ${kind} "${found.name}" or "${another.name}"`,
      { where, remedy: 'Write the name exactly as it is.' },
    );
  }
  return found;
}
