import { foldName } from './match-name.js';

/** Names that begin like this are Shardmill's own in SQL, so that no other can collide with them. */
export const RESERVED_PREFIX = '_shardmill_';

/**
 * The name in SQL of each column or model output: its own where SQL can distinguish it from all others.
 * Names that differ only in case, empty ones, those with a NUL character and those with the
 * reserved prefix are addressed by their position instead.
 * @param kind keeps the names of two tables apart.
 */
export function sqlNames(names: readonly string[], kind: 'column' | 'output'): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(foldName(name), (counts.get(foldName(name)) ?? 0) + 1);
  return names.map((name, index) => {
    const folded = foldName(name);
    const plain =
      name !== '' &&
      !name.includes('\0') &&
      !folded.startsWith(RESERVED_PREFIX) &&
      counts.get(folded) === 1;
    return plain ? name : `${RESERVED_PREFIX}${kind}_${index}`;
  });
}

/** The same as a lookup; a name that is there more than once gets the first one's. */
export function sqlNameLookup(
  items: readonly { readonly name: string }[],
  kind: 'column' | 'output',
): (name: string) => string {
  const names = items.map((item) => item.name);
  const bySql = new Map<string, string>();
  for (const [index, sqlName] of sqlNames(names, kind).entries()) {
    const name = names[index] ?? '';
    if (!bySql.has(name)) bySql.set(name, sqlName);
  }
  return (name) => bySql.get(name) ?? name;
}

/** Why an output column cannot have this name; undefined where it can. */
export function whyNotOutputName(name: string): string | undefined {
  if (name === '') return 'a column of the output needs a name';
  if (name.includes('\0')) return 'it holds a NUL character';
  // JSON documents that name columns by keys lose it in many readers.
  return name === '__proto__' ? 'it means something else in JavaScript' : undefined;
}
