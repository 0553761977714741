import { hashText } from './hash-value.js';
import type { TextState } from './profile-state-schema.js';
import { ValueCounts } from './value-counts.js';

/** So many different texts are counted each by itself. */
export const MAX_TEXTS = 500;
/** Longer texts are not kept: they are prose rather than categories. */
export const MAX_TEXT_UNITS = 100;

/** What is known of the texts of a column, whatever their order. */
export class TextSketch {
  #count = 0;
  #nulls = 0;
  #minLength = Infinity;
  #maxLength = -Infinity;
  #totalLength = 0;
  readonly #values = new ValueCounts<string>(
    MAX_TEXTS,
    hashText,
    ({ length }) => length <= MAX_TEXT_UNITS,
  );

  addNulls(rows: number): void {
    this.#count += rows;
    this.#nulls += rows;
  }

  add(text: string, count: number): void {
    const { length } = text;
    if (length < this.#minLength) this.#minLength = length;
    if (length > this.#maxLength) this.#maxLength = length;
    this.#totalLength += length * count;
    this.#count += count;
    this.#values.add(text, count);
  }

  merge(state: TextState): void {
    this.#count += state.count;
    this.#nulls += state.nulls;
    this.#minLength = Math.min(this.#minLength, state.minLength ?? Infinity);
    this.#maxLength = Math.max(this.#maxLength, state.maxLength ?? -Infinity);
    this.#totalLength += state.totalLength;
    this.#values.merge(state);
  }

  toState(): TextState {
    return {
      kind: 'text',
      count: this.#count,
      nulls: this.#nulls,
      minLength: this.#minLength === Infinity ? null : this.#minLength,
      maxLength: this.#maxLength === -Infinity ? null : this.#maxLength,
      totalLength: this.#totalLength,
      ...this.#values.toStored(),
    };
  }
}
