import type { DuckDBAppender, DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { ShardmillError, sqlNameLookup, type TensorInfo } from '@shardmill/core';
import { isScalarOutput } from '../bind/outputs/bind-outputs.js';
import { duckdbTypeOf } from '../duckdb/duckdb-type.js';
import { ARRAY, BIGINT, DuckDBDataChunk } from '../duckdb/node-api.js';
import {
  CHUNK_ROWS,
  type NumberArray,
  writeArrays,
  writeTextArrays,
  writeTexts,
  writeValues,
} from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { spreadRows } from '../infer/spread-rows.js';
import { fromHalf } from '../onnx/float16.js';
import { newTensorData, type TensorData } from '../onnx/tensor-types.js';
import type { Batch } from '../scan/batch-builder.js';
import { KEY } from '../scan/part-source.js';
import { quoteName } from '../duckdb/quote.js';
import { ReasonsTable } from './reasons-table.js';

/**
 * The model's outputs for the rows of one part, in the order of the scan, in a table of DuckDB's.
 * A row that was rejected has its key made negative (`-1 - key`), so that comparing keys drops it
 * from the results; the reasons are in a second, small table.
 */
export class ResultTable {
  readonly name: string;
  readonly reasons: ReasonsTable;
  rows = 0;
  rejected = 0;
  /** Rows whose text was cut. */
  truncated = 0;
  #appender: DuckDBAppender | undefined;
  #types: DuckDBType[] = [];
  #widths: number[] = [];
  readonly #scalar: readonly boolean[];
  #early: { batch: Batch; rejects: ReasonsByPosition }[] = [];

  constructor(
    readonly connection: DuckDBConnection,
    readonly outputs: readonly TensorInfo[],
    id: string,
  ) {
    this.name = quoteName(`results_${id}`);
    this.reasons = new ReasonsTable(connection, id);
    this.#scalar = outputs.map(isScalarOutput);
  }

  /** Adds the results of the next batch in order. */
  async append(
    batch: Batch,
    tensors: readonly BatchTensor[],
    rejects: ReasonsByPosition,
  ): Promise<void> {
    await this.#create(tensors);
    this.#add(batch, tensors, rejects);
  }

  #add(batch: Batch, tensors: readonly BatchTensor[], rejects: ReasonsByPosition): void {
    const keys = batch.keys;
    for (const [position, reason] of rejects) {
      const key = keys[position] ?? 0n;
      this.reasons.append(key, reason);
      keys[position] = -1n - key;
    }
    this.#checkWidths(tensors);
    const columns = tensors.map((tensor, index) => ({
      scalar: this.#scalar[index] ?? true,
      width: tensor.width,
      data: plainNumbers(expand(tensor, batch)),
    }));
    for (let start = 0; start < batch.scannedRows; start += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, batch.scannedRows - start);
      const chunk = DuckDBDataChunk.create(this.#types, rows);
      writeValues(chunk.chunk, 0, keys, start, rows);
      columns.forEach(({ scalar, width, data }, index) => {
        const column = index + 1;
        if (Array.isArray(data)) {
          if (scalar) writeTexts(chunk.chunk, column, data, start, rows);
          else writeTextArrays(chunk.chunk, column, width, data, start, rows);
        } else if (scalar) writeValues(chunk.chunk, column, data, start, rows);
        else writeArrays(chunk.chunk, column, width, data, start, rows);
      });
      this.#appender?.appendDataChunk(chunk);
    }
    this.rows += batch.scannedRows;
    this.rejected += rejects.size;
  }

  /** Adds a batch of which no row was scored. */
  appendRejected(batch: Batch, rejects: ReasonsByPosition): void {
    if (this.#appender === undefined) {
      // Its columns' widths are not known before the first result.
      this.#early.push({ batch, rejects });
      return;
    }
    const tensors = this.outputs.map((output, index) => {
      const width = this.#widths[index] ?? 1;
      const data = newTensorData(output.type, batch.scannedRows * width);
      return { name: output.name, type: output.type, rowShape: [width], width, data };
    });
    this.#add({ ...batch, positions: undefined }, tensors, rejects);
  }

  /** Makes the rows visible; also for a part in which no row was scanned. */
  async finish(): Promise<void> {
    await this.#create(undefined);
    this.#appender?.closeSync();
    this.reasons.finish();
  }

  async drop(): Promise<void> {
    await this.connection.run(`DROP TABLE IF EXISTS ${this.name}`);
    await this.reasons.drop();
  }

  #checkWidths(tensors: readonly BatchTensor[]): void {
    for (const [index, tensor] of tensors.entries()) {
      const expected = this.#widths[index];
      if (tensor.width === expected) continue;
      throw new ShardmillError(
        'MODEL_OUTPUT_SHAPE',
        `output "${tensor.name}" has ${tensor.width} values per row, expected ${expected}`,
      );
    }
  }

  /** Widths that the model leaves open are known from the first batch. */
  async #create(tensors: readonly BatchTensor[] | undefined): Promise<void> {
    if (this.#appender !== undefined) return;
    this.#types = [BIGINT];
    this.#widths = [];
    const columns = [`${quoteName(KEY)} BIGINT`];
    const sqlName = sqlNameLookup(this.outputs, 'output');
    for (const [index, output] of this.outputs.entries()) {
      const scalar = this.#scalar[index] ?? true;
      const width = scalar ? 1 : (tensors?.[index]?.width ?? staticWidth(output));
      this.#widths.push(width);
      const element = duckdbTypeOf(output.type);
      const type = scalar ? element : ARRAY(element, width);
      this.#types.push(type);
      columns.push(`${quoteName(sqlName(output.name))} ${type.toString()}`);
    }
    await this.connection.run(`CREATE TABLE ${this.name} (${columns.join(', ')})`);
    await this.reasons.create();
    this.#appender = await this.connection.createAppender(this.name.slice(1, -1));
    for (const { batch, rejects } of this.#early.splice(0)) this.appendRejected(batch, rejects);
  }
}

/** Reasons by scanned position. */
export type ReasonsByPosition = ReadonlyMap<number, string>;

function staticWidth(output: TensorInfo): number {
  return output.shape
    .slice(1)
    .reduce<number>(
      (product, dim) => (typeof dim === 'number' && dim > 0 ? product * dim : product),
      1,
    );
}

/** The tensor with a row for every scanned row. */
function expand(tensor: BatchTensor, { positions, scannedRows }: Batch): BatchTensor {
  return positions === undefined ? tensor : spreadRows(tensor, positions, scannedRows);
}

/** Half floats as floats; the rest as it is. */
export function plainNumbers(tensor: BatchTensor): NumberArray | string[] {
  const data: TensorData = tensor.data;
  if (tensor.type !== 'float16' || Array.isArray(data)) return data;
  const floats = new Float32Array(data.length);
  for (let i = 0; i < floats.length; i++) floats[i] = fromHalf(Number(data[i]));
  return floats;
}
