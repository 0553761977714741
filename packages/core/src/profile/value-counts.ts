import { DistinctSketch } from './distinct-sketch.js';
import type { HashPair } from './hash-value.js';

/**
 * The different values of a column: each with its count while there are at most `limit`, beyond
 * that only how many there are, about. Which of the two it is depends on the values alone, and not on
 * their order or on how they were divided.
 */
export class ValueCounts<V extends number | string> {
  #values: Map<V, number> | undefined = new Map();
  #sketch: DistinctSketch | undefined;

  /** @param hashOf the hashes of a value; @param isKept whether a value may be kept at all. */
  constructor(
    readonly limit: number,
    readonly hashOf: (value: V) => HashPair,
    readonly isKept: (value: V) => boolean = () => true,
  ) {}

  add(value: V, count: number): void {
    if (this.#sketch !== undefined) {
      this.#sketch.add(this.hashOf(value));
      return;
    }
    const before = this.#values?.get(value);
    if (before === undefined && (this.#values?.size === this.limit || !this.isKept(value))) {
      this.#overflow().add(this.hashOf(value));
    } else this.#values?.set(value, (before ?? 0) + count);
  }

  /** The sketch of all values, where there are too many to count each by itself. */
  get sketch(): DistinctSketch | undefined {
    return this.#sketch;
  }

  /** Adds what another one had. */
  merge({ values, registers }: StoredValues<V>): void {
    if (registers !== null) this.#overflow().merge(registers);
    for (const [value, count] of values ?? []) this.add(value, count);
  }

  /** In the order of the values. */
  toStored(): StoredValues<V> {
    if (this.#sketch !== undefined) return { values: null, registers: this.#sketch.toText() };
    const values = [...(this.#values ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { values, registers: null };
  }

  #overflow(): DistinctSketch {
    const sketch = (this.#sketch ??= new DistinctSketch());
    for (const value of this.#values?.keys() ?? []) sketch.add(this.hashOf(value));
    this.#values = undefined;
    return sketch;
  }
}

/** One of the two is null. */
interface StoredValues<V> {
  readonly values: [V, number][] | null;
  readonly registers: string | null;
}

/** How many different values there were. */
export function countDistinct({ values, registers }: StoredValues<unknown>): {
  readonly count: number;
  readonly exact: boolean;
} {
  if (values !== null) return { count: values.length, exact: true };
  const sketch = new DistinctSketch();
  sketch.merge(registers ?? '');
  return { count: sketch.estimate(), exact: false };
}
