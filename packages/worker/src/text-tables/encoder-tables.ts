import { ShardmillError } from '@shardmill/core';
import type { NumberArray } from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { SyncSession } from '../onnx/sync-session.js';
import { newTensorData } from '../onnx/tensor-types.js';
import type { EncodedTexts } from './encoded-texts.js';

/** Larger tables are begun anew. */
const MAX_TABLE_BYTES = 2 ** 24;
/** Of a text that becomes more than that, ONNX Runtime makes it in no more time. */
const MAX_ROW_BYTES = 2 ** 13;

/** What the encoders of a model make of some texts, or combinations of texts, by their places. */
export interface TextTable {
  readonly tensor: string;
  readonly width: number;
  readonly rowShape: readonly number[];
  readonly type: BatchTensor['type'];
  /** Has at least as many rows as there are texts. */
  readonly data: NumberArray;
}

/** The tables of encoders that are made of the same inputs. */
export class EncoderTables {
  readonly #tables = new Map<string, TextTable>();
  /** The epoch of the texts, and how many of them are in the tables. */
  #filled = { epoch: -1, count: 0 };

  /**
   * @param session runs the encoders
   * @param tensors that they make
   */
  constructor(
    readonly session: SyncSession,
    readonly tensors: readonly string[],
    readonly texts: EncodedTexts,
  ) {}

  /** After `fill`. */
  table(tensor: string): TextTable | undefined {
    return this.#tables.get(tensor);
  }

  /** Puts what is new into the tables. @throws whatever ONNX Runtime throws of it */
  fill(): void {
    const { epoch, count, inputs } = this.texts;
    const from = this.#filled.epoch === epoch ? this.#filled.count : 0;
    if (count === from) return;
    const feeds = inputs.map(({ name, rowShape }, index): BatchTensor => {
      const texts = this.texts.texts(index, from);
      // Of two rows, what depends on how many there are would make another number of rows.
      const data = texts.length > 1 ? [...texts] : [...texts, ...texts];
      return { name, type: 'string', rowShape, width: 1, data };
    });
    const rows = Math.max(2, count - from);
    for (const made of this.session.run(feeds, rows, this.tensors)) this.#append(made, from, count);
    this.#filled = { epoch, count };
  }

  #append({ name, type, rowShape, width, data }: BatchTensor, from: number, count: number): void {
    if (Array.isArray(data)) throw new ShardmillError('INTERNAL', `"${name}" is texts`);
    const bytes = width * data.BYTES_PER_ELEMENT;
    if (bytes > MAX_ROW_BYTES) throw new Error(`a text becomes ${width} numbers, in "${name}"`);
    this.texts.limit(Math.floor(MAX_TABLE_BYTES / bytes));
    const known = this.#tables.get(name);
    if (known !== undefined && known.width !== width) {
      throw new ShardmillError('MODEL_OUTPUT_SHAPE', `"${name}" has rows of ${width}`);
    }
    const [start, end] = [from * width, count * width];
    const room =
      known !== undefined && known.data.length >= end
        ? known.data
        : grown(type, known?.data, start, end);
    put(room, start, data, end - start);
    this.#tables.set(name, { tensor: name, type, rowShape, width, data: room });
  }
}

/** An array with room for as much again, with the first values of another one. */
function grown(
  type: BatchTensor['type'],
  from: NumberArray | undefined,
  used: number,
  length: number,
): NumberArray {
  const room = newTensorData(type, length * 2);
  if (Array.isArray(room)) throw new ShardmillError('INTERNAL', 'a table of texts');
  if (from !== undefined) put(room, 0, from, used);
  return room;
}

function put(into: NumberArray, at: number, values: NumberArray, count: number): void {
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (value !== undefined) into[at + i] = value;
  }
}
