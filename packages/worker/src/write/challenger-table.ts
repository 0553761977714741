import type { DuckDBAppender, DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { type BoundChallenger, challengerOutputName, challengerScoredName } from '@shardmill/core';
import { isScalarOutput } from '../bind/outputs/bind-outputs.js';
import { duckdbTypeOf } from '../duckdb/duckdb-type.js';
import { BIGINT, BOOLEAN, DuckDBDataChunk, LIST } from '../duckdb/node-api.js';
import {
  CHUNK_ROWS,
  columnVector,
  markNull,
  writeLists,
  writeTexts,
  writeValues,
} from '../duckdb/raw-vector.js';
import { quoteName } from '../duckdb/quote.js';
import { spreadRows } from '../infer/spread-rows.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { FAILED, OUT_OF_SHARE, SCORED } from '../scan/challenger-rows.js';
import { plainNumbers } from './result-table.js';

/** Rows of a challenger, in the order of the scan. */
export interface ChallengerRows {
  /** Of all scanned rows. */
  readonly keys: BigInt64Array;
  /** What became of each of them. */
  readonly states: Uint8Array;
  /** Which scanned row each row of the outputs is. */
  readonly positions: Int32Array;
  /** Empty where no row was scored. */
  readonly outputs: readonly BatchTensor[];
}

/**
 * A challenger's outputs for the rows of one part, beside those of the champion: null where it has not
 * scored a row. It has the keys once more, so that what is joined by position is proved here, too.
 */
export class ChallengerTable {
  readonly name: string;
  /** Its columns as a query names them, which no other table has. */
  readonly columns: readonly string[];
  readonly key: string;
  readonly #table: string;
  readonly #types: DuckDBType[];
  readonly #scalar: readonly boolean[];
  #appender: DuckDBAppender | undefined;

  /** @param id distinguishes the tables of one database. */
  constructor(
    readonly connection: DuckDBConnection,
    index: number,
    { model }: Pick<BoundChallenger, 'model'>,
    id: string,
  ) {
    this.#table = `challenger_${index}_${id}`;
    this.name = quoteName(this.#table);
    this.key = quoteName(`${challengerScoredName(index)}_key`);
    const outputs = model.outputs.map((_, output) => challengerOutputName(index, output));
    this.columns = [this.key, ...[challengerScoredName(index), ...outputs].map(quoteName)];
    this.#scalar = model.outputs.map(isScalarOutput);
    this.#types = [
      BIGINT,
      BOOLEAN,
      ...model.outputs.map((output, i) => {
        const element = duckdbTypeOf(output.type);
        return this.#scalar[i] === true ? element : LIST(element);
      }),
    ];
  }

  async create(): Promise<void> {
    const columns = this.columns.map((name, index) => `${name} ${this.#types[index]?.toString()}`);
    await this.connection.run(`CREATE TABLE ${this.name} (${columns.join(', ')})`);
    this.#appender = await this.connection.createAppender(this.#table);
  }

  append({ keys, states, positions, outputs }: ChallengerRows): void {
    const total = states.length;
    const values = outputs.map((output) => {
      const spread = positions.length === total ? output : spreadRows(output, positions, total);
      return { width: output.width, data: plainNumbers(spread) };
    });
    const flags = states.map((state) => (state === SCORED ? 1 : 0));
    for (let start = 0; start < total; start += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, total - start);
      const chunk = DuckDBDataChunk.create(this.#types, rows);
      writeValues(chunk.chunk, 0, keys, start, rows);
      writeValues(chunk.chunk, 1, flags, start, rows);
      const own = states.subarray(start, start + rows);
      markNull(columnVector(chunk, 1), rows, rowsWith(own, OUT_OF_SHARE));
      for (const [index, scalar] of this.#scalar.entries()) {
        const column = index + 2;
        const { width, data } = values[index] ?? NOTHING;
        if (!scalar) writeLists(columnVector(chunk, column), width, data, start, rows);
        else if (Array.isArray(data)) writeTexts(chunk.chunk, column, data, start, rows);
        else if (data.length > 0) writeValues(chunk.chunk, column, data, start, rows);
        markNull(columnVector(chunk, column), rows, rowsWith(own, OUT_OF_SHARE, FAILED));
      }
      this.#appender?.appendDataChunk(chunk);
    }
  }

  /** Makes the rows visible. */
  finish(): void {
    this.#appender?.closeSync();
  }

  async drop(): Promise<void> {
    await this.connection.run(`DROP TABLE IF EXISTS ${this.name}`);
  }
}

/** Of an output for which no row was scored: lists without an element. */
const NOTHING = { width: 0, data: new Float32Array() };

function rowsWith(states: Uint8Array, ...wanted: readonly number[]): number[] {
  const rows: number[] = [];
  for (let row = 0; row < states.length; row++) {
    if (wanted.includes(states[row] ?? OUT_OF_SHARE)) rows.push(row);
  }
  return rows;
}
