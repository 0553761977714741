/**
 * A name as DuckDB compares names: ASCII letters without regard to case, everything else exactly.
 */
export function foldName(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

interface Named {
  readonly name: string;
}

/** Items by name, for names of any origin. */
export class NameIndex<T extends Named> {
  readonly #exact = new Map<string, T[]>();
  readonly #folded = new Map<string, T[]>();

  constructor(readonly items: readonly T[]) {
    for (const item of items) {
      add(this.#exact, item.name, item);
      add(this.#folded, foldName(item.name), item);
    }
  }

  /**
   * The items that a name means: those of exactly this name, else those whose names differ from it
   * only in case. More than one is ambiguous.
   */
  find(name: string): readonly T[] {
    return this.#exact.get(name) ?? this.#folded.get(foldName(name)) ?? [];
  }
}

function add<T>(index: Map<string, T[]>, key: string, item: T): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [item]);
  else known.push(item);
}

/**
 * Where a file has the values of the input's columns: the index of the column of exactly the same
 * name, else of the one whose name differs from it in case alone and is no other input column's. What
 * the file lacks is not in the answer.
 */
export function storedIndexes(
  layout: readonly Named[],
  columns: readonly Named[],
): ReadonlyMap<string, number> {
  const names = new Set(columns.map(({ name }) => name));
  const exact = new Map<string, number>();
  const others = new Map<string, number>();
  for (const [index, { name }] of layout.entries()) {
    const [known, key] = names.has(name) ? [exact, name] : [others, foldName(name)];
    if (!known.has(key)) known.set(key, index);
  }
  const indexes = new Map<string, number>();
  for (const name of names) {
    const index = exact.get(name) ?? others.get(foldName(name));
    if (index !== undefined) indexes.set(name, index);
  }
  return indexes;
}
