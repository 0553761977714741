import { Combinations } from './combinations.js';
import type { TextDictionary } from './text-dictionary.js';

/** A text input of the model, with the texts that were seen. */
export interface TextInput {
  readonly name: string;
  readonly rowShape: readonly number[];
  readonly dictionary: TextDictionary;
}

/** What encoders are asked of once each: texts of one input, or combinations of texts of several. */
export interface EncodedTexts {
  readonly inputs: readonly TextInput[];
  /** Is another one where all have been forgotten. */
  readonly epoch: number;
  readonly count: number;
  /** Keeps no more than so many from one chunk to the next. */
  limit(count: number): void;
  /** What rows have, as places. @param codes of the rows' texts, by input */
  places(codes: readonly Int32Array[]): Int32Array;
  /** From `from` on, the texts of one of the inputs. */
  texts(input: number, from: number): readonly string[];
  clear(): void;
}

/** @param inputs at least one */
export function encodedTexts(inputs: readonly TextInput[]): EncodedTexts {
  const [input] = inputs;
  return inputs.length === 1 && input !== undefined
    ? new SingleTexts(input)
    : new TextGroup(inputs);
}

class SingleTexts implements EncodedTexts {
  readonly inputs: readonly TextInput[];

  constructor(readonly input: TextInput) {
    this.inputs = [input];
  }

  get epoch(): number {
    return this.input.dictionary.epoch;
  }

  get count(): number {
    return this.input.dictionary.texts.length;
  }

  limit(count: number): void {
    const { dictionary } = this.input;
    dictionary.maxTexts = Math.min(dictionary.maxTexts, count);
  }

  places([codes = new Int32Array(0)]: readonly Int32Array[]): Int32Array {
    return codes;
  }

  texts(_: number, from: number): readonly string[] {
    return this.input.dictionary.texts.slice(from);
  }

  clear(): void {
    this.input.dictionary.clear();
  }
}

class TextGroup implements EncodedTexts {
  readonly #combinations: Combinations;

  constructor(readonly inputs: readonly TextInput[]) {
    this.#combinations = new Combinations(inputs.map(({ dictionary }) => dictionary));
  }

  get epoch(): number {
    return this.#combinations.epoch;
  }

  get count(): number {
    return this.#combinations.count;
  }

  limit(count: number): void {
    this.#combinations.max = Math.min(this.#combinations.max, count);
  }

  places(codes: readonly Int32Array[]): Int32Array {
    this.#combinations.trim();
    return this.#combinations.encode(codes);
  }

  texts(input: number, from: number): readonly string[] {
    return this.#combinations.texts(input, from);
  }

  clear(): void {
    this.#combinations.clear();
    for (const { dictionary } of this.inputs) dictionary.clear();
  }
}
