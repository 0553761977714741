import { randomBytes } from 'node:crypto';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import type { Vector } from '@duckdb/node-bindings';
import { type BoundFeature, type Scoring, sqlNames, type TensorInfo } from '@shardmill/core';
import { isScalarOutput } from '../bind/outputs/bind-outputs.js';
import { duckdbTypeOf } from '../duckdb/duckdb-type.js';
import {
  BIGINT,
  BOOLEAN,
  duckdb,
  DuckDBDataChunk as Chunk,
  DuckDBScalarFunction,
  INTEGER,
  DuckDBStructType,
  USMALLINT,
  LIST,
} from '../duckdb/node-api.js';
import type { PlacesByInput } from '../text-tables/text-places.js';
import { columnVector, vectorValues } from '../duckdb/raw-vector.js';
import { columnCount } from '../scan/column-view.js';
import { challengerArguments, challengerFields } from './challenger-arguments.js';

/** One query's use of the function. Chunks come in any order, from any of the query's threads. */
export interface FunctionCall {
  /**
   * Scores the rows of a chunk, whose first columns are the features and then the key, into a vector
   * of structs (the model's outputs, then what challengers give), with null for a row that is rejected. What it
   * throws fails the query.
   */
  score(chunk: DuckDBDataChunk, result: Vector): void;
}

/**
 * The model as a scalar function of DuckDB's: the features, the row's key and a ticket in, a struct of the
 * model's outputs out. Its name cannot be guessed, and without a ticket it returns nothing: it is
 * for the engine's own queries, not for the job's SQL.
 */
export class ModelFunction {
  readonly name = `_shardmill_${randomBytes(16).toString('hex')}`;
  readonly #function = new DuckDBScalarFunction();
  readonly #calls = new Map<number, FunctionCall>();
  readonly #ticketColumn: number;
  #nextTicket = 1;

  /** @param places of features' texts, which come in columns behind those of the ticket. */
  constructor(scoring: Pick<Scoring, 'features' | 'model' | 'challengers'>, places: PlacesByInput) {
    const { features, model } = scoring;
    const define = this.#function;
    define.setName(this.name);
    for (const feature of features) {
      for (let i = 0; i < feature.columns.length; i++) define.addParameter(parameterOf(feature));
    }
    this.#ticketColumn = 1 + columnCount(features);
    define.addParameter(BIGINT);
    define.addParameter(INTEGER);
    for (const feature of features) {
      if (places.has(feature.input)) define.addParameter(USMALLINT);
    }
    for (const { feature } of challengerArguments(scoring, places).columns) {
      define.addParameter(feature === undefined ? BOOLEAN : parameterOf(feature));
    }
    const names = model.outputs.map(({ name }) => name);
    const others = challengerFields(scoring);
    // Names and types are lists: an object would put names that are numbers first.
    define.setReturnType(
      new DuckDBStructType(
        [...sqlNames(names, 'output'), ...others.map(({ name }) => name)],
        [
          ...model.outputs.map(typeOf),
          ...others.map(({ output }) => (output === undefined ? BOOLEAN : typeOf(output))),
        ],
      ),
    );
    // Otherwise a null feature that is known beforehand would make the answer null without a call.
    define.setSpecialHandling();
    // Otherwise DuckDB may ask twice for a row, or for rows that are not in the result.
    define.setVolatile();
    duckdb.scalar_function_set_function(define.scalar_function, (info, input, result) => {
      try {
        this.#answer(new Chunk(input), result);
      } catch (error) {
        duckdb.scalar_function_set_error(info, String(error));
      }
    });
  }

  /** Makes it known to all connections of a database. */
  register(connection: DuckDBConnection): void {
    connection.registerScalarFunction(this.#function);
  }

  /** @returns the ticket for one query, valid until `close`. */
  open(call: FunctionCall): number {
    const ticket = this.#nextTicket++;
    this.#calls.set(ticket, call);
    return ticket;
  }

  close(ticket: number): void {
    this.#calls.delete(ticket);
  }

  #answer(chunk: DuckDBDataChunk, result: Vector): void {
    if (chunk.rowCount === 0) return;
    const [ticket = 0] = vectorValues(columnVector(chunk, this.#ticketColumn), Int32Array, 1);
    const call = this.#calls.get(ticket);
    if (call === undefined) throw new Error('there is no such query');
    call.score(chunk, result);
  }
}

function parameterOf({ type, layout }: BoundFeature): DuckDBType {
  const element = duckdbTypeOf(type);
  return layout === 'list' ? LIST(element) : element;
}

function typeOf(output: TensorInfo): DuckDBType {
  const element = duckdbTypeOf(output.type);
  return isScalarOutput(output) ? element : LIST(element);
}
