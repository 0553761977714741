import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { RowCounts } from '@shardmill/core';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { type Database, openDatabase } from '../duckdb/open-database.js';
import { FeatureProfile } from '../profile/feature-profile.js';
import { directColumns } from '../write/direct-columns.js';
import { DirectStatistics } from '../write/direct-statistics.js';
import { rowsEntry } from '../write/part-metadata.js';
import { copyResults } from '../write/write-part.js';
import type { ChallengerScorer } from './challenger-scorer.js';
import { ChallengerTally } from './challenger-tally.js';
import { ChunkScorer } from './chunk-scorer.js';
import { type FunctionCall, ModelFunction } from './model-function.js';
import { openChallengers } from './open-challengers.js';
import { type OpenedPlaces, openPlaces } from './open-places.js';
import { onePassSelect, surveySelect } from './one-pass-select.js';
import { PartCall, SurveyCall, UnexpectedRejectError } from './part-call.js';
import { NearTable } from './near-table.js';
import type { PartOrder, PartOutcome, WriterSetup } from './part-order.js';
import { SyncSession } from '../onnx/sync-session.js';
import { textDictionaries } from '../scan/column-view.js';
import { Substitute } from '../substitute/substitute.js';

interface OpenedDatabase {
  readonly database: Database;
  /** That of all parts, one after the other: to make one takes a tenth of the time of a small part. */
  readonly connection: DuckDBConnection;
}

/**
 * Writes parts of one run by a single query each, in which the model is a function: DuckDB reads
 * and writes as if by itself, and nothing is kept in between. It belongs to one lane: the query has
 * one thread, which waits while the lane's thread packs and calls the model, so that each lane keeps
 * one core busy. It is for parts without anything unusual: of any other it makes nothing.
 */
export class PartWriter {
  /** What calls of the function took this thread in all, in milliseconds. */
  callsMs = 0;
  readonly #function: ModelFunction;
  readonly #places: OpenedPlaces;
  readonly #scorer: ChunkScorer;
  readonly #challengers: readonly ChallengerScorer[];
  #database: Promise<OpenedDatabase> | undefined;
  readonly #near = new NearTable();
  readonly #probe: { needed: boolean };
  #current: { readonly call: PartCall; connection?: DuckDBConnection } | undefined;

  private constructor(
    readonly setup: WriterSetup,
    session: SyncSession,
    challengers: readonly SyncSession[],
    onDifference: (what: string) => void,
  ) {
    const { features } = setup.scoring;
    this.#places = openPlaces(features, setup.substitute?.texts, (milliseconds) => {
      this.callsMs += milliseconds;
    });
    const { byInput } = this.#places;
    this.#function = new ModelFunction(setup.scoring, byInput);
    const dictionaries = textDictionaries(features, byInput);
    const substitute = Substitute.open(
      setup.substitute,
      features,
      setup.threads,
      onDifference,
      dictionaries,
    );
    this.#scorer = new ChunkScorer(setup.scoring, session, dictionaries, substitute, onDifference);
    this.#challengers = openChallengers(setup, challengers, byInput, onDifference);
    this.#probe = { needed: !setup.atAnyCost };
    this.#database = this.#openDatabase();
    this.#database.catch(() => {});
  }

  /**
   * @param onDifference is called where the substitute is not used because it scored otherwise.
   * @param loaded a session of the model that is there already.
   * @returns undefined where the model cannot be called from within a query.
   * @throws whatever ONNX Runtime throws of the model.
   */
  static open(
    setup: WriterSetup,
    onDifference: (what: string) => void = () => {},
    loaded?: SyncSession,
  ): PartWriter | undefined {
    const { modelPath, threads, challengers = [] } = setup;
    const session = loaded ?? SyncSession.load(modelPath, threads);
    const others = challengers.flatMap((one) => SyncSession.load(one.modelPath, threads) ?? []);
    return session && new PartWriter(setup, session, others, onDifference);
  }

  /**
   * Writes a part's results to a finished local file; one part at a time.
   * @param onRows is called with the number of the part's rows scored so far.
   */
  async write(order: PartOrder, onRows: (rows: number) => void): Promise<PartOutcome> {
    const { scoring } = this.setup;
    const call = new PartCall({
      scorer: this.#scorer,
      challengers: this.#challengers.map((scorer, index) => ({
        scorer,
        tally: new ChallengerTally(scoring, index, order.place),
      })),
      profile: order.profile && new FeatureProfile(order.profile, scoring.features),
      statistics: new DirectStatistics(
        directColumns(scoring.output.columns, scoring.model.outputs),
      ),
      onRows,
      probe: this.#probe,
      rejecting: order.survey,
    });
    // From here on it can be cancelled.
    this.#current = { call };
    try {
      return await this.#write(order, call);
    } catch (error) {
      // A fatal error spoils a database for good.
      await this.#closeDatabase();
      const needsSurvey = call.failure instanceof UnexpectedRejectError;
      return { why: duckdbMessage(error), needsSurvey, usPerRow: call.usPerRow };
    } finally {
      this.#current = undefined;
    }
  }

  /** Has the part that is being written end soon, with nothing. */
  cancel(): void {
    this.#current?.call.cancel();
    this.#current?.connection?.interrupt();
  }

  async close(): Promise<void> {
    await this.#closeDatabase();
  }

  async #write(planned: PartOrder, call: PartCall): Promise<PartOutcome> {
    const { scoring } = this.setup;
    this.#database ??= this.#openDatabase();
    const { connection } = await this.#database;
    this.#current = { connection, call };
    call.throwIfCancelled();
    const order = { ...planned, source: await this.#near.sourceOf(connection, planned) };
    call.throwIfCancelled();
    for (const learned of this.#places.learned) learned.begin();
    const rejected = order.survey ? await this.#survey(connection, order) : 0;
    const { read, filtered } = order;
    const rows: RowCounts = { read, scored: read - rejected - filtered, rejected, filtered };
    const metadata = { ...order.metadata, ...rowsEntry(rows) };
    call.throwIfCancelled();
    const { file, written, partitions } = await this.#ask(call, (ticket) => {
      const select = onePassSelect(
        scoring,
        order.source,
        ticket,
        rejected > 0,
        this.#places.byInput,
      );
      return copyResults(connection, { ...order, metadata, scoring }, select);
    });
    // Each planned row once: as many asked for as written, and as many as there must be.
    const { seen, rejects, modelMs, challengersMs, usPerRow } = call;
    if (seen === rows.scored && written === rows.scored && rejects.keys.length === rejected) {
      const { statistics, profile, challengers } = call.options;
      const own = challengers.map(({ tally }) => tally);
      return {
        file,
        partitions,
        rows,
        rejects,
        known: new Map(
          [statistics, ...own.map((one) => one.statistics)].flatMap((one) => [...one.finish()]),
        ),
        features: profile?.finish(),
        ...(own.length > 0 && { challengers: own.map((tally) => tally.finish()) }),
        modelMs,
        challengersMs,
        scoredBy: this.#scorer.scoredBy,
        usPerRow,
      };
    }
    await rm(file, { force: true, recursive: true });
    throw new Error(
      `${rows.scored} rows expected, ${seen} scored, ${written} written; ${rejected} to reject, ${rejects.keys.length} rejected`,
    );
  }

  /** @returns how many rows are to be rejected. */
  async #survey(connection: DuckDBConnection, { source, ...order }: PartOrder): Promise<number> {
    const call = new SurveyCall(this.#scorer);
    await this.#ask(call, (ticket) =>
      connection.run(surveySelect(this.setup.scoring, source, ticket, this.#places.byInput)),
    );
    const expected = order.read - order.filtered;
    if (call.seen === expected) return call.rejected;
    throw new Error(`${expected} rows expected, ${call.seen} checked`);
  }

  /** Runs a query whose calls of the function are this one's. */
  async #ask<T>(
    call: FunctionCall,
    query: (ticket: { name: string; ticket: number }) => Promise<T>,
  ): Promise<T> {
    const ticket = this.#function.open({
      score: (chunk, result) => {
        const started = performance.now();
        try {
          call.score(chunk, result);
          for (const learned of this.#places.learned) learned.count(chunk.rowCount);
        } finally {
          this.callsMs += performance.now() - started;
        }
      },
    });
    try {
      return await query({ name: this.#function.name, ticket });
    } finally {
      this.#function.close(ticket);
    }
  }

  async #openDatabase(): Promise<OpenedDatabase> {
    const database = await openDatabase(this.setup.database);
    const connection = await database.connect();
    this.#function.register(connection);
    for (const learned of this.#places.learned) learned.register(connection);
    return { database, connection };
  }

  async #closeDatabase(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    this.#near.clear();
    const opened = await database?.catch(() => undefined);
    opened?.connection.closeSync();
    opened?.database.close();
  }
}
