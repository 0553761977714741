import { ExactSum, type SumsByExponent } from '../profile/exact-sum.js';
import type { NumbersState } from './challenger-state-schema.js';

/** Differences that were counted elsewhere, challenger minus champion, of the rows in which they are finite. */
export interface CountedDifferences {
  readonly compared: number;
  /** Of the absolute differences. */
  readonly largest: number;
  /** Of the differences above zero, and of the absolute values of those below. */
  readonly positive: SumsByExponent;
  readonly negative: SumsByExponent;
}

/** How two columns of numbers agree, collected as their rows go by; their order makes no difference. */
export class NumberAgreement {
  #compared = 0;
  #largest = 0;
  readonly #sum = new ExactSum();
  readonly #absoluteSum = new ExactSum();
  readonly #bands: number[];
  #pairs: number[] = [];

  /** @param limits between bands, in ascending order. */
  constructor(readonly limits: readonly number[] = []) {
    this.#bands = Array.from(
      { length: limits.length === 0 ? 0 : (limits.length + 1) ** 2 },
      () => 0,
    );
  }

  /**
   * Adds a row, unless one of the two is not finite.
   * @param ranked whether it is one of those whose ranks are compared.
   */
  add(champion: number, challenger: number, ranked: boolean): void {
    const difference = challenger - champion;
    // Of finite values it may be beyond the doubles, too.
    if (!Number.isFinite(difference)) return;
    const distance = Math.abs(difference);
    this.#compared++;
    this.addDifference(difference);
    if (distance > this.#largest) this.#largest = distance;
    this.addPlaces(champion, challenger, ranked);
  }

  /** Adds all of some rows but what `addPlaces` adds, and differences that are not in their sums. */
  addCounted({ compared, largest, positive, negative }: CountedDifferences): void {
    this.#compared += compared;
    this.#largest = Math.max(this.#largest, largest);
    this.#sum.addSums(positive);
    this.#sum.addSums(negative, -1);
    this.#absoluteSum.addSums(positive);
    this.#absoluteSum.addSums(negative);
  }

  /** Adds a finite difference to the sums. */
  addDifference(difference: number): void {
    this.#sum.add(difference);
    this.#absoluteSum.add(Math.abs(difference));
  }

  /** Adds the bands of a row, and its ranks, unless one of the two is not finite. */
  addPlaces(champion: number, challenger: number, ranked: boolean): void {
    if (!Number.isFinite(challenger - champion)) return;
    if (ranked) this.#pairs.push(champion, challenger);
    if (this.#bands.length === 0) return;
    const cell =
      bandOf(champion, this.limits) * (this.limits.length + 1) + bandOf(challenger, this.limits);
    this.#bands[cell] = (this.#bands[cell] ?? 0) + 1;
  }

  /** Whether rows that are not ranked have places, too. */
  get hasBands(): boolean {
    return this.#bands.length > 0;
  }

  merge(state: NumbersState): void {
    this.#compared += state.compared;
    this.#sum.merge(state.sum);
    this.#absoluteSum.merge(state.absoluteSum);
    this.#largest = Math.max(this.#largest, state.largest);
    for (const [cell, rows] of state.bands.entries()) {
      this.#bands[cell] = (this.#bands[cell] ?? 0) + rows;
    }
    this.#pairs = this.#pairs.concat(state.pairs);
  }

  toState(column: string): NumbersState {
    return {
      kind: 'numbers',
      column,
      compared: this.#compared,
      sum: this.#sum.toText(),
      absoluteSum: this.#absoluteSum.toText(),
      largest: this.#largest,
      bands: [...this.#bands],
      pairs: [...this.#pairs],
    };
  }
}

/** How many of the limits a value has reached: a limit belongs to the band above it. */
export function bandOf(value: number, limits: readonly number[]): number {
  let band = 0;
  while (band < limits.length && value >= (limits[band] ?? Infinity)) band++;
  return band;
}
