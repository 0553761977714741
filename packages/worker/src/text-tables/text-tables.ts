import { ShardmillError } from '@shardmill/core';
import type { ModelPart, TextCut } from '@shardmill/trees';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { SyncSession } from '../onnx/sync-session.js';
import { newTensorData } from '../onnx/tensor-types.js';
import { encodedTexts, type TextInput } from './encoded-texts.js';
import { EncoderTables, type TextTable } from './encoder-tables.js';

/** Codes of rows' texts, by text input. */
export type TextCodes = ReadonlyMap<string, Int32Array>;

/** Of rows, the places in the tables, by tensor. */
export type TablePlaces = ReadonlyMap<string, Int32Array>;

/**
 * What encoders (one-hot, labels, …) make of each text, and of each combination of texts that meet: ONNX
 * Runtime is asked once for each, and so it is by its rules what becomes of one that is in no category.
 */
export class TextTables {
  readonly #encoders: readonly EncoderTables[];
  /** By the tensors that they make. */
  readonly #byTensor: ReadonlyMap<string, EncoderTables>;

  /**
   * @param inputs of the model that have one text per row, by their names
   * @param load opens a part of the model
   */
  constructor(
    cut: Pick<TextCut, 'encoders'>,
    readonly inputs: ReadonlyMap<string, TextInput>,
    load: (part: ModelPart) => SyncSession,
  ) {
    this.#encoders = cut.encoders.map(({ inputs: names, part }) => {
      const own = names.map((name) => {
        const input = inputs.get(name);
        if (input === undefined) throw new ShardmillError('INTERNAL', `no texts "${name}"`);
        return input;
      });
      return new EncoderTables(load(part), part.outputs, encodedTexts(own));
    });
    this.#byTensor = new Map(
      this.#encoders.flatMap((one) => one.tensors.map((tensor) => [tensor, one] as const)),
    );
  }

  /** After `encode`. */
  table(tensor: string): TextTable | undefined {
    return this.#byTensor.get(tensor)?.table(tensor);
  }

  /**
   * Puts what is new into the tables.
   * @param codes of the rows' texts, none of which is null or holds a NUL character
   * @throws whatever ONNX Runtime throws of one of them; the dictionaries are empty then
   */
  encode(codes: TextCodes): TablePlaces {
    const places = new Map<string, Int32Array>();
    try {
      for (const encoder of this.#encoders) {
        const own = encoder.texts.places(
          encoder.texts.inputs.map(({ name }) => codesOf(codes, name)),
        );
        encoder.fill();
        for (const tensor of encoder.tensors) places.set(tensor, own);
      }
    } catch (error) {
      for (const { texts } of this.#encoders) texts.clear();
      throw error;
    }
    return places;
  }

  /** A tensor in place of texts: a row of its table for each place. */
  tensor(name: string, places: Int32Array): BatchTensor {
    const table = this.table(name);
    if (table === undefined) throw new ShardmillError('INTERNAL', `no table "${name}"`);
    const { type, rowShape, width, data: from } = table;
    const data = newTensorData(type, places.length * width);
    if (data instanceof Float32Array && from instanceof Float32Array) {
      copyRows(data, from, places, width);
    } else if (data instanceof BigInt64Array && from instanceof BigInt64Array) {
      copyRows(data, from, places, width);
    } else if (!Array.isArray(data)) {
      for (const [row, place] of places.entries()) {
        for (let i = 0; i < width; i++) data[row * width + i] = from[place * width + i] ?? 0;
      }
    }
    return { name, type, rowShape, width, data };
  }
}

function codesOf(codes: TextCodes, name: string): Int32Array {
  const own = codes.get(name);
  if (own === undefined) throw new ShardmillError('INTERNAL', `no texts "${name}"`);
  return own;
}

interface Numbers<T> {
  [index: number]: T;
}

function copyRows<T>(into: Numbers<T>, from: Numbers<T>, places: Int32Array, width: number): void {
  let at = 0;
  for (let row = 0; row < places.length; row++) {
    const start = (places[row] ?? 0) * width;
    for (let i = 0; i < width; i++) {
      const value = from[start + i];
      if (value !== undefined) into[at++] = value;
    }
  }
}
