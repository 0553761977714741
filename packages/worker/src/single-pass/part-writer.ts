import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { type Database, openDatabase } from '../duckdb/open-database.js';
import { DirectStatistics } from '../write/direct-statistics.js';
import { copyToFile } from '../write/write-part.js';
import { ChunkScorer } from './chunk-scorer.js';
import { ModelFunction } from './model-function.js';
import { onePassSelect } from './one-pass-select.js';
import { PartCall } from './part-call.js';
import type { PartOrder, PartOutcome, WriterSetup } from './part-order.js';
import { SyncSession } from './sync-session.js';

/**
 * Writes parts of one run by a single query each, in which the model is a function: DuckDB reads
 * and writes as if by itself, and nothing is kept in between. It belongs to one lane: the query has
 * one thread, which waits while the lane's thread packs and calls the model, so that each lane keeps
 * one core busy. It is for parts without anything unusual: of any other it makes nothing.
 */
export class PartWriter {
  readonly #function: ModelFunction;
  readonly #scorer: ChunkScorer;
  #database: Promise<Database> | undefined;
  #probed = false;
  #current: { readonly connection: DuckDBConnection; readonly call: PartCall } | undefined;

  private constructor(
    readonly setup: WriterSetup,
    session: SyncSession,
  ) {
    this.#function = new ModelFunction(setup.scoring);
    this.#scorer = new ChunkScorer(setup.scoring, session);
    this.#database = this.#openDatabase();
    this.#database.catch(() => {});
  }

  /**
   * @returns undefined where the model cannot be called from within a query.
   * @throws whatever ONNX Runtime throws of the model.
   */
  static open(setup: WriterSetup): PartWriter | undefined {
    const session = SyncSession.load(setup.modelPath, setup.threads);
    return session === undefined ? undefined : new PartWriter(setup, session);
  }

  /**
   * Writes a part's results to a finished local file; one part at a time.
   * @param onRows told the rows of the part that are scored so far.
   */
  async write(order: PartOrder, onRows: (rows: number) => void): Promise<PartOutcome> {
    const call = new PartCall({
      scorer: this.#scorer,
      statistics: new DirectStatistics(this.setup.scoring),
      onRows,
      probe: !this.#probed && !this.setup.atAnyCost,
    });
    try {
      return await this.#write(order, call);
    } catch (error) {
      // A fatal error spoils a database for good.
      await this.#closeDatabase();
      return { why: duckdbMessage(error), usPerRow: call.usPerRow };
    } finally {
      this.#probed = true;
    }
  }

  /** Has the part that is being written end soon, with nothing. */
  cancel(): void {
    this.#current?.call.cancel();
    this.#current?.connection.interrupt();
  }

  async close(): Promise<void> {
    await this.#closeDatabase();
  }

  async #write(order: PartOrder, call: PartCall): Promise<PartOutcome> {
    const { scoring } = this.setup;
    this.#database ??= this.#openDatabase();
    const connection = await (await this.#database).connect();
    this.#current = { connection, call };
    const ticket = this.#function.open(call);
    try {
      const select = onePassSelect(scoring, order.source, { name: this.#function.name, ticket });
      const { file, written } = await copyToFile(connection, { ...order, scoring }, select);
      // Each planned row once: as many asked for as written, and as many as `where` leaves.
      if (call.seen === order.rows && written === order.rows) {
        const { modelMs, usPerRow } = call;
        return { file, known: call.options.statistics.finish(), modelMs, usPerRow };
      }
      await rm(file, { force: true });
      throw new Error(`${order.rows} rows expected, ${call.seen} scored, ${written} written`);
    } finally {
      this.#function.close(ticket);
      this.#current = undefined;
      connection.closeSync();
    }
  }

  async #openDatabase(): Promise<Database> {
    const database = await openDatabase(this.setup.database);
    const connection = await database.connect();
    this.#function.register(connection);
    connection.closeSync();
    return database;
  }

  async #closeDatabase(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    (await database?.catch(() => undefined))?.close();
  }
}
