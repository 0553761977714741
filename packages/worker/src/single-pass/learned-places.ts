import { randomBytes } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { DataChunk, Vector } from '@duckdb/node-bindings';
import {
  duckdb,
  DuckDBDataChunk as Chunk,
  DuckDBScalarFunction,
  USMALLINT,
  VARCHAR,
} from '../duckdb/node-api.js';
import { quoteName } from '../duckdb/quote.js';
import { columnVector, writeVector } from '../duckdb/raw-vector.js';
import { VectorDictionary } from '../scan/vector-dictionary.js';
import type { PlacedTexts, TextPlaces } from '../text-tables/text-places.js';

/** More texts have no places: they go into the model's function as they are. */
const MAX_TEXTS = 2 ** 14;
const MAX_CHARACTERS = 2 ** 19;
/** Where DuckDB asked for more texts than half of the rows, in so many chunks one after the other, it does so in all. */
const MAX_CHUNKS_ASKED = 4;

/**
 * Places of texts as they come, for texts that no encoder names: a function of DuckDB's that gives a text
 * the next place when it first sees it. Of a column with a dictionary in its file, DuckDB calls such a
 * function once for each entry of that, and hands on the places of all rows. What it was given once must
 * hold for the whole query, for it keeps that. Of another column it asks for each row, which is not worth it.
 */
export class LearnedPlaces implements TextPlaces {
  /** Of the function, and of the column with what it gives. */
  readonly #name = `_shardmill_${randomBytes(16).toString('hex')}`;
  readonly #function = new DuckDBScalarFunction();
  readonly #texts = new VectorDictionary();
  /** Whether no more places are given in this part. */
  #isOver = false;
  /** Whether none are given in later parts, where it is not worth it in one. */
  #isOff = false;
  /** Texts that were there when the part began. */
  #atStart = 0;
  /** Texts that were asked for since the last chunk. */
  #asked = 0;
  /** How many chunks in a row had about as many texts that were asked for as rows. */
  #chunksAsked = 0;

  /** @param onCall is called with the milliseconds that each call of the function took this thread */
  constructor(onCall: (milliseconds: number) => void) {
    this.#function.setName(this.#name);
    this.#function.addParameter(VARCHAR);
    this.#function.setReturnType(USMALLINT);
    // A null has the place 0.
    this.#function.setSpecialHandling();
    duckdb.scalar_function_set_function(this.#function.scalar_function, (info, input, result) => {
      const started = performance.now();
      try {
        this.#answer(input, result);
      } catch (error) {
        duckdb.scalar_function_set_error(info, String(error));
      } finally {
        onCall(performance.now() - started);
      }
    });
  }

  get placed(): PlacedTexts {
    return this.#texts;
  }

  /** Makes the function known to all connections of a database. */
  register(connection: DuckDBConnection): void {
    connection.registerScalarFunction(this.#function);
  }

  /** Has to be called before each part: what DuckDB was given for the last one means nothing any more. */
  begin(): void {
    if (this.#isOver) {
      this.#isOff ||= this.#atStart === 0 || this.#isAskedForEach;
      this.#isOver = false;
      this.#texts.clear();
    }
    this.#atStart = this.#texts.texts.length;
  }

  /** Has to be called for each chunk that has come with its places. */
  count(rows: number): void {
    this.#chunksAsked = this.#asked * 2 > rows ? this.#chunksAsked + 1 : 0;
    this.#asked = 0;
    this.#isOver ||= this.#isAskedForEach;
  }

  get #isAskedForEach(): boolean {
    return this.#chunksAsked >= MAX_CHUNKS_ASKED;
  }

  place(): string | undefined {
    return this.#isOff ? undefined : quoteName(this.#name);
  }

  column(sql: string): string | undefined {
    return this.#isOff ? undefined : `${quoteName(this.#name)}(${sql}) AS ${quoteName(this.#name)}`;
  }

  #answer(input: DataChunk, result: Vector): void {
    const chunk = new Chunk(input);
    const rows = chunk.rowCount;
    const places = new Uint16Array(rows);
    this.#asked += rows;
    if (!this.#isOver) {
      const { codes } = this.#texts.encode(columnVector(chunk, 0), rows);
      for (let row = 0; row < rows; row++) places[row] = Math.max(0, (codes[row] ?? 0) + 1);
      const { texts, characters } = this.#texts;
      this.#isOver = texts.length > MAX_TEXTS || characters > MAX_CHARACTERS;
    }
    writeVector(result, places, 0, rows);
  }
}
