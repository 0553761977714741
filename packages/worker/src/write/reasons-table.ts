import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { KEY } from '../scan/part-source.js';
import { quoteName } from '../duckdb/quote.js';

/** The reasons of a part's rejected rows, by their keys, in a small table of DuckDB's. */
export class ReasonsTable {
  readonly name: string;
  readonly #table: string;
  #appender: DuckDBAppender | undefined;

  /** @param id distinguishes the tables of one database. */
  constructor(
    readonly connection: DuckDBConnection,
    id: string,
  ) {
    this.#table = `reasons_${id}`;
    this.name = quoteName(this.#table);
  }

  async create(): Promise<void> {
    await this.connection.run(
      `CREATE TABLE ${this.name} (${quoteName(KEY)} BIGINT, reason VARCHAR)`,
    );
    this.#appender = await this.connection.createAppender(this.#table);
  }

  append(key: bigint, reason: string): void {
    if (this.#appender === undefined) throw new TypeError('there is no table');
    this.#appender.appendBigInt(key);
    this.#appender.appendVarchar(reason);
    this.#appender.endRow();
  }

  /** Makes the rows visible. */
  finish(): void {
    this.#appender?.closeSync();
  }

  async drop(): Promise<void> {
    await this.connection.run(`DROP TABLE IF EXISTS ${this.name}`);
  }
}
