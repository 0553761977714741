import { ShardmillError } from '@shardmill/core';
import type { TextCut } from '@shardmill/trees';
import type { NumberArray } from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { SyncSession } from '../onnx/sync-session.js';
import { newTensorData } from '../onnx/tensor-types.js';
import type { TextDictionary } from './text-dictionary.js';

/** Larger tables are begun anew. */
const MAX_TABLE_BYTES = 2 ** 24;
/** Of a text that becomes more than that, ONNX Runtime makes it in no more time. */
const MAX_ROW_BYTES = 2 ** 13;

/** A text input of the model, with the texts that were seen. */
export interface TextInput {
  readonly rowShape: readonly number[];
  readonly dictionary: TextDictionary;
}

/** What the encoders of a model make of the texts of one dictionary, by their codes. */
export interface TextTable {
  readonly tensor: string;
  readonly width: number;
  readonly rowShape: readonly number[];
  readonly type: BatchTensor['type'];
  /** Has at least as many rows as there are texts. */
  readonly data: NumberArray;
}

/**
 * What encoders (one-hot, labels, …) make of each text: ONNX Runtime is asked once for each, and so
 * it is by its rules what becomes of one that is in no category.
 */
export class TextTables {
  readonly #tables = new Map<string, TextTable>();
  /** Of each input, the epoch of its dictionary and the texts of it that are in the tables. */
  readonly #filled = new Map<string, { readonly epoch: number; readonly texts: number }>();

  /** @param session runs the encoders */
  constructor(
    readonly cut: Pick<TextCut, 'encoders' | 'madeOf'>,
    readonly session: SyncSession,
    readonly inputs: ReadonlyMap<string, TextInput>,
  ) {}

  /** After `fill`. */
  table(tensor: string): TextTable | undefined {
    return this.#tables.get(tensor);
  }

  /**
   * Puts the texts that are new into the tables.
   * @throws whatever ONNX Runtime throws of one of them; the dictionaries are empty then
   */
  fill(): void {
    const fresh = new Map(
      this.cut.encoders.inputs.map((name) => [name, this.#missing(name)] as const),
    );
    if (![...fresh.values()].some((texts) => texts.length > 0)) return;
    try {
      this.#encode(fresh);
    } catch (error) {
      for (const { dictionary } of this.inputs.values()) dictionary.clear();
      throw error;
    }
  }

  /** A tensor in place of texts: a row of its table for each code. */
  tensor(name: string, codes: Int32Array): BatchTensor {
    const table = this.#tables.get(name);
    if (table === undefined) throw new ShardmillError('INTERNAL', `no table "${name}"`);
    const { type, rowShape, width, data: from } = table;
    const data = newTensorData(type, codes.length * width);
    if (data instanceof Float32Array && from instanceof Float32Array) {
      copyRows(data, from, codes, width);
    } else if (data instanceof BigInt64Array && from instanceof BigInt64Array) {
      copyRows(data, from, codes, width);
    } else if (!Array.isArray(data)) {
      for (const [row, code] of codes.entries()) {
        for (let i = 0; i < width; i++) data[row * width + i] = from[code * width + i] ?? 0;
      }
    }
    return { name, type, rowShape, width, data };
  }

  #missing(name: string): readonly string[] {
    const input = this.inputs.get(name);
    if (input === undefined) throw new ShardmillError('INTERNAL', `no texts "${name}"`);
    const { epoch, texts } = input.dictionary;
    const filled = this.#filled.get(name);
    return filled?.epoch === epoch ? texts.slice(filled.texts) : texts;
  }

  #encode(fresh: ReadonlyMap<string, readonly string[]>): void {
    const feeds = [...fresh].flatMap(([name, texts]): BatchTensor[] => {
      const input = this.inputs.get(name);
      // Those that are known already are encoded once more, for an input must have some.
      const [first] = texts.length > 0 ? texts : (input?.dictionary.texts ?? []);
      if (input === undefined || first === undefined) {
        throw new ShardmillError('INTERNAL', `no texts for "${name}"`);
      }
      // Of two rows, what depends on how many there are would make another number of rows.
      const data = texts.length > 1 ? [...texts] : [first, first];
      return [{ name, type: 'string', rowShape: input.rowShape, width: 1, data }];
    });
    const rows = new Map(
      this.cut.encoders.outputs.map((output) => {
        const input = this.cut.madeOf.get(output);
        return [output, feeds.find(({ name }) => name === input)?.data.length ?? 0];
      }),
    );
    for (const made of this.session.runEach(feeds, rows)) {
      const input = this.cut.madeOf.get(made.name) ?? '';
      const { length } = fresh.get(input) ?? [];
      if (length > 0) this.#append(made, input, length);
    }
    for (const [name, { dictionary }] of this.inputs) {
      if (!fresh.has(name)) continue;
      this.#filled.set(name, { epoch: dictionary.epoch, texts: dictionary.texts.length });
    }
  }

  #append(made: BatchTensor, input: string, rows: number): void {
    const { name, type, rowShape, width, data } = made;
    if (Array.isArray(data)) throw new ShardmillError('INTERNAL', `"${name}" is texts`);
    const bytes = width * data.BYTES_PER_ELEMENT;
    if (bytes > MAX_ROW_BYTES) throw new Error(`a text becomes ${width} numbers, in "${name}"`);
    const dictionary = this.inputs.get(input)?.dictionary;
    if (dictionary !== undefined) {
      dictionary.maxTexts = Math.min(dictionary.maxTexts, Math.floor(MAX_TABLE_BYTES / bytes));
    }
    const known = this.#tables.get(name);
    if (known !== undefined && known.width !== width) {
      throw new ShardmillError('MODEL_OUTPUT_SHAPE', `"${name}" has rows of ${width}`);
    }
    const start = (dictionary?.texts.length ?? rows) - rows;
    const end = (start + rows) * width;
    const room =
      known !== undefined && known.data.length >= end
        ? known.data
        : grown(type, known?.data, start * width, end);
    put(room, start * width, data, rows * width);
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

interface Numbers<T> {
  [index: number]: T;
}

function copyRows<T>(into: Numbers<T>, from: Numbers<T>, codes: Int32Array, width: number): void {
  let at = 0;
  for (let row = 0; row < codes.length; row++) {
    const start = (codes[row] ?? 0) * width;
    for (let i = 0; i < width; i++) {
      const value = from[start + i];
      if (value !== undefined) into[at++] = value;
    }
  }
}
