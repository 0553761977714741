import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from '@shardmill/core';
import type { KnownOutput } from '../../row-wise/check-outputs.js';
import type { SqlNode } from '../../sql/parse-expression.js';
import { readText } from '../../sql/read-text.js';
import { treeToSql } from '../../sql/tree-to-sql.js';
import { isScalarOutput } from '../outputs/bind-outputs.js';
import type { VisibleLists } from './check-indexes.js';
import { type ListFacts, listFactsOfType } from './list-facts.js';

/** The lists among the columns of the input, the outputs of the model and earlier output columns. */
export class KnownLists implements VisibleLists {
  /** The lists by their names in lower case. */
  readonly #input = new Map<string, ListFacts | undefined>();
  readonly #model = new Map<string, ListFacts | undefined>();
  readonly #columns = new Map<string, ListFacts | undefined>();

  /** @param connection of a database that has the tables `input` and `model`. */
  constructor(
    readonly connection: DuckDBConnection,
    columns: readonly Column[],
    outputs: readonly KnownOutput[],
  ) {
    // Where columns differ in case alone, it is not known which one a name means.
    for (const { name, type } of columns) {
      const key = lower(name);
      this.#input.set(key, this.#input.has(key) ? undefined : listFactsOfType(type));
    }
    for (const output of outputs) {
      const { name, width } = output;
      const facts = isScalarOutput(output) ? undefined : { width, element: undefined };
      const key = lower(name);
      this.#model.set(key, this.#model.has(key) ? undefined : facts);
    }
  }

  /** An output column that later ones may use. */
  addColumn(name: string, facts: ListFacts | undefined): void {
    this.#columns.set(lower(name), facts);
  }

  facts(reference: readonly string[]): ListFacts | undefined {
    const [first = '', second] = reference.map(lower);
    // In the order in which DuckDB looks for a name; a field of a struct is not followed.
    if (second === undefined) {
      const places = [this.#input, this.#model, this.#columns];
      return places.find((place) => place.has(first))?.get(first);
    }
    if (reference.length > 2) return undefined;
    if (first === 'model') return this.#model.get(second);
    return first === 'input' ? this.#input.get(second) : undefined;
  }

  async typeOf(tree: SqlNode): Promise<string | undefined> {
    try {
      const sql = await treeToSql(this.connection, tree);
      const reader = await this.connection.runAndReadAll(
        `DESCRIBE SELECT (${sql}\n) AS x FROM input POSITIONAL JOIN model`,
      );
      return String(reader.getRows()[0]?.[1]);
    } catch {
      // It uses an earlier output column or the parameter of a lambda, which are not seen here.
      return undefined;
    }
  }

  async valueOf(tree: SqlNode): Promise<number | undefined> {
    try {
      const sql = await treeToSql(this.connection, tree);
      const value = Number(await readText(this.connection, `SELECT (${sql}\n)::VARCHAR`));
      return Number.isSafeInteger(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }
}

const lower = (name: string): string => name.toLowerCase();
