import {
  foldName,
  NameIndex,
  RESERVED_PREFIX,
  ShardmillError,
  sqlNameLookup,
} from '@shardmill/core';
import type { Expression } from '../sql/parse-expression.js';
import { type Renamed, renameReferences } from '../sql/rename-references.js';

interface Named {
  readonly name: string;
}

/** Names in SQL, where they are not those that `sqlNames` gives. */
interface ScopeNames {
  readonly output?: (name: string) => string;
  /** Earlier columns of the output, by their folded names. */
  readonly earlier?: ReadonlyMap<string, string>;
}

/** What expressions can name: columns of the input and, in the output, what the model gives. */
export class SqlScope<C extends Named, O extends Named = never> {
  readonly #columns: Table<C>;
  readonly #outputs: Table<O> | undefined;

  constructor(
    columns: readonly C[],
    outputs?: readonly O[],
    readonly names: ScopeNames = {},
  ) {
    this.#columns = new Table(columns, 'column', sqlNameLookup(columns, 'column'));
    this.#outputs =
      outputs === undefined
        ? undefined
        : new Table(outputs, 'output', names.output ?? sqlNameLookup(outputs, 'output'));
  }

  /** The input's columns that a reference may mean. */
  columns([first, second]: readonly string[]): readonly C[] {
    const own = first === undefined ? [] : this.#columns.find(first);
    return second !== undefined && isTable(first, 'input')
      ? [...own, ...this.#columns.find(second)]
      : own;
  }

  /** What the model gives that a reference may mean. */
  outputs([first, second]: readonly string[]): readonly O[] {
    const table = this.#outputs;
    if (table === undefined || first === undefined) return [];
    if (second !== undefined && isTable(first, 'model')) return table.find(second);
    return second !== undefined && isTable(first, 'input') ? [] : table.find(first);
  }

  /**
   * The expression with names that are distinct in SQL, in place of those that the job uses.
   * @throws EXPRESSION_AMBIGUOUS where a name means more than one column or output,
   *   EXPRESSION_FORBIDDEN where it is one of Shardmill's own.
   */
  address(expression: Expression, where: string): string {
    const renamed: Renamed[] = [];
    for (const { path, location } of expression.references) {
      const [first = '', second] = path;
      const table = second === undefined ? undefined : this.#table(first);
      const name = table === undefined ? first : (second ?? '');
      const found =
        table === undefined
          ? [...this.#columns.meanings(name), ...(this.#outputs?.meanings(name) ?? [])]
          : table.meanings(name);
      const [only] = found;
      if (only === undefined) {
        const earlier = this.names.earlier?.get(foldName(first));
        if (earlier !== undefined) renamed.push({ path, location, part: 0, name: earlier });
        if (name.toLowerCase().startsWith(RESERVED_PREFIX)) throw reserved(name, where);
        continue;
      }
      // What SQL itself finds ambiguous, it says itself.
      if (found.length > 1 && found.some((one) => one.sqlName !== one.name)) {
        throw ambiguous(path.join('.'), found, where);
      }
      if (found.length === 1 && only.sqlName !== name && only.sqlName !== only.name) {
        const part = table === undefined ? 0 : 1;
        renamed.push({ path, location, part, name: only.sqlName });
      }
    }
    return renameReferences(expression.sql, renamed, where);
  }

  #table(name: string): Table<C> | Table<O> | undefined {
    if (isTable(name, 'input')) return this.#columns;
    return isTable(name, 'model') ? this.#outputs : undefined;
  }
}

const isTable = (name: string | undefined, table: 'input' | 'model'): boolean =>
  name?.toLowerCase() === table;

interface Meaning {
  readonly kind: 'column' | 'output';
  readonly name: string;
  readonly sqlName: string;
}

/** Items by their own names and by those that they have in SQL. */
class Table<T extends Named> {
  readonly #items: NameIndex<T>;
  readonly #bySqlName: NameIndex<{ readonly name: string; readonly item: T }>;
  readonly #sqlName: (name: string) => string;

  constructor(
    items: readonly T[],
    readonly kind: 'column' | 'output',
    sqlName: (name: string) => string,
  ) {
    this.#items = new NameIndex(items);
    this.#sqlName = sqlName;
    this.#bySqlName = new NameIndex(
      items.map((item) => ({ name: this.#sqlName(item.name), item })),
    );
  }

  find(name: string): readonly T[] {
    const own = this.#items.find(name);
    return own.length > 0 ? own : this.#bySqlName.find(name).map(({ item }) => item);
  }

  meanings(name: string): Meaning[] {
    return this.find(name).map((item) => ({
      kind: this.kind,
      name: item.name,
      sqlName: this.#sqlName(item.name),
    }));
  }
}

function ambiguous(reference: string, found: readonly Meaning[], where: string): ShardmillError {
  const meanings = found.map(({ kind, name }) =>
    kind === 'column' ? `the input's column "${name}"` : `the model's output "${name}"`,
  );
  const names = new Set(found.map(({ name }) => name));
  return new ShardmillError(
    'EXPRESSION_AMBIGUOUS',
    `"${reference}" can be ${meanings.join(' or ')}`,
    {
      where,
      remedy:
        names.size === found.length
          ? 'Write the name exactly as it is, in double quotes.'
          : 'Write input.NAME for the column or model.NAME for the output.',
    },
  );
}

function reserved(name: string, where: string): ShardmillError {
  return new ShardmillError(
    'EXPRESSION_FORBIDDEN',
    `"${name}": names that begin with ${RESERVED_PREFIX} are Shardmill's own`,
    { where },
  );
}
