import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Scoring } from '@shardmill/core';
import { duckdbMessage } from '../duckdb/duckdb-error.js';
import { partSource } from '../scan/part-source.js';
import type { RunSettings } from '../score/scorer.js';
import type { DirectStatistics } from '../write/direct-statistics.js';
import { copyToFile, type WriteRequest } from '../write/write-part.js';
import { CallCost, seemsDear } from './call-cost.js';
import { ChunkScorer } from './chunk-scorer.js';
import { ModelFunction } from './model-function.js';
import { onePassSelect } from './one-pass-select.js';
import { PartCall } from './part-call.js';
import type { SinglePassSetting } from './setting.js';
import { SyncSession } from './sync-session.js';
import { whyNotSinglePass } from './whether-it-fits.js';

export interface OnePassRequest extends Omit<WriteRequest, 'results'> {
  /** Gets the outputs of all rows of the part, in any order; only good where a file is made. */
  readonly statistics: DirectStatistics;
  readonly signal: AbortSignal;
  /** Told the rows of the part that are scored so far; 0 where that came to nothing. */
  readonly onRows: (rows: number) => void;
}

/** A finished file, or why the part is one for two passes; nothing is left of it then. */
export type OnePassOutcome =
  | { readonly file: string }
  | { readonly file?: undefined; readonly why: string };

/** Parts of a run that may be begun in vain; after them no more are begun. */
const MOST_IN_VAIN = 2;

/**
 * Scores parts of one run by a single query each, in which the model is a function: DuckDB reads
 * and writes as if by itself, and nothing is kept in between. It is for cheap models, since the
 * function runs on the engine's main thread alone, and for parts without anything unusual: of any
 * other part it makes nothing, and the two passes do it.
 */
export class SinglePass {
  readonly #function: ModelFunction;
  readonly #scorer: ChunkScorer;
  readonly #cost: CallCost;
  #inVain = 0;

  private constructor(
    readonly scoring: Scoring,
    readonly setting: SinglePassSetting,
    session: SyncSession,
  ) {
    this.#function = new ModelFunction(scoring);
    this.#scorer = new ChunkScorer(scoring, session);
    this.#cost = new CallCost(scoring.features);
  }

  /** @returns undefined where the two passes are the way for this run. */
  static open(
    { scoring, tuneCalls }: Pick<RunSettings, 'scoring' | 'tuneCalls'>,
    modelPath: string,
    setting: SinglePassSetting,
  ): SinglePass | undefined {
    // Calls are of what DuckDB has in a chunk: not of a number of rows that the job asks for.
    if (setting === 'never' || !tuneCalls) return undefined;
    if (whyNotSinglePass(scoring) !== undefined) return undefined;
    if (setting === 'auto' && seemsDear(scoring.model)) return undefined;
    try {
      const session = SyncSession.load(modelPath);
      return session === undefined ? undefined : new SinglePass(scoring, setting, session);
    } catch {
      // A lane will tell what is wrong with the model.
      return undefined;
    }
  }

  /** Makes the model's function known to a database. */
  register(connection: DuckDBConnection): void {
    this.#function.register(connection);
  }

  /** Whether it is worth while to begin a part. */
  get ready(): boolean {
    return this.#inVain < MOST_IN_VAIN && !this.#tooDear;
  }

  /**
   * Writes a part's results to a finished local file.
   * @throws what the signal was aborted with.
   */
  async write(connection: DuckDBConnection, request: OnePassRequest): Promise<OnePassOutcome> {
    const { signal, onRows } = request;
    const interrupt = (): void => connection.interrupt();
    signal.addEventListener('abort', interrupt);
    try {
      return { file: await this.#write(connection, request) };
    } catch (error) {
      signal.throwIfAborted();
      this.#inVain++;
      onRows(0);
      return { why: duckdbMessage(error) };
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
  }

  async #write(connection: DuckDBConnection, request: OnePassRequest): Promise<string> {
    const { scoring, shard, part, pathOf, rows } = request;
    const call = new PartCall({
      ...request,
      scorer: this.#scorer,
      cost: this.#cost,
      atAnyCost: this.#atAnyCost,
    });
    const ticket = this.#function.open(call);
    try {
      const source = partSource(scoring, shard, part, scoring.input.used, pathOf);
      const select = onePassSelect(scoring, source, { name: this.#function.name, ticket });
      const { file, written } = await copyToFile(connection, request, select);
      // Each planned row once: as many asked for as written, and as many as `where` leaves.
      if (call.seen === rows.scored && written === rows.scored) return file;
      await rm(file, { force: true });
      throw new Error(`${rows.scored} rows expected, ${call.seen} scored, ${written} written`);
    } finally {
      this.#function.close(ticket);
    }
  }

  get #tooDear(): boolean {
    return !this.#atAnyCost && this.#cost.tooDear;
  }

  get #atAnyCost(): boolean {
    return this.setting === 'always';
  }
}
