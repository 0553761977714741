import type { FloatBlock } from '../statistics/float-block.js';

/**
 * The exact sum of finite doubles, whatever their order and however they were divided: the 24 bits that
 * a float32 has and the rest are each added up by exponent, where a double holds the sum of 2^24 of them
 * without rounding. (The idea of Neal, "Fast exact summation using small and large superaccumulators",
 * 2015.)
 */
export class ExactSum {
  /** Made where values are added: most sums are merged of others. */
  #sums: SumsByExponent | undefined;
  #added = 0;
  /** What is not in the arrays any more, as a multiple of two to the power of `#unit`. */
  #total = 0n;
  #unit = 0;

  /** @param value a finite number */
  add(value: number): void {
    FLOAT[0] = value;
    const exponent = (((WORDS[1] ?? 0) >>> 20) & 0x7ff) - MIN_EXPONENT;
    if (exponent >= 0 && exponent < EXPONENTS) {
      const { upper: uppers, lower: lowers } = (this.#sums ??= noSums());
      const upper = Math.fround(value);
      uppers[exponent] = (uppers[exponent] ?? 0) + upper;
      if (upper !== value) lowers[exponent] = (lowers[exponent] ?? 0) + (value - upper);
      if (++this.#added === MAX_EXACT_VALUES) this.#drain();
    } else if (value !== 0) this.#addUnits(unitsOf(value), UNIT_EXPONENT);
  }

  /** Adds the values of a block. */
  addBlock({ values, words, length }: FloatBlock): void {
    if (this.#added + length > MAX_EXACT_VALUES) this.#drain();
    this.#added += length;
    const { upper: upperSums, lower: lowerSums } = (this.#sums ??= noSums());
    for (let i = 0; i < length; i++) {
      const exponent = (((words[2 * i + 1] ?? 0) >>> 20) & 0x7ff) - MIN_EXPONENT;
      const value = values[i] ?? 0;
      if (exponent >= 0 && exponent < EXPONENTS) {
        const upper = Math.fround(value);
        upperSums[exponent] = (upperSums[exponent] ?? 0) + upper;
        if (upper !== value) lowerSums[exponent] = (lowerSums[exponent] ?? 0) + (value - upper);
      } else if (value !== 0) this.#addUnits(unitsOf(value), UNIT_EXPONENT);
    }
  }

  /** Adds what `toText` of another sum gave. */
  merge(text: string): void {
    const { multiple, exponent } = parseText(text);
    this.#addUnits(multiple, exponent);
  }

  /** A hexadecimal integer and the power of two that it is multiplied by: `-3fp-4`; `0` for zero. */
  toText(): string {
    this.#drain();
    if (this.#total === 0n) return '0';
    const zeros = (this.#total & -this.#total).toString(2).length - 1;
    return `${(this.#total >> BigInt(zeros)).toString(16)}p${zeros + this.#unit}`;
  }

  /** The sum as a multiple of 2^-1074, the smallest double. */
  units(): bigint {
    this.#drain();
    return this.#total << BigInt(this.#unit - UNIT_EXPONENT);
  }

  /** Adds values that were added up by exponent, in the form in which this does it, or subtracts them. */
  addSums(sums: SumsByExponent, sign: 1 | -1 = 1): void {
    const { multiple, exponent } = unitsByExponent(sums);
    if (multiple !== 0n) this.#addUnits(BigInt(sign) * multiple, exponent);
  }

  #drain(): void {
    if (this.#added === 0 || this.#sums === undefined) return;
    this.addSums(this.#sums);
    this.#sums.upper.fill(0);
    this.#sums.lower.fill(0);
    this.#added = 0;
  }

  /** Keeps the total as small an integer as its terms allow. */
  #addUnits(multiple: bigint, exponent: number): void {
    if (this.#total === 0n) [this.#total, this.#unit] = [multiple, exponent];
    else if (exponent >= this.#unit) this.#total += multiple << BigInt(exponent - this.#unit);
    else {
      this.#total = (this.#total << BigInt(this.#unit - exponent)) + multiple;
      this.#unit = exponent;
    }
  }
}

/**
 * Sums of at most `MAX_EXACT_VALUES` values: by their exponent, from that of the smallest float32 that is not
 * subnormal up to that of the greatest, the upper 24 bits of each, and what is left of it.
 */
export interface SumsByExponent {
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

const noSums = (): SumsByExponent => ({
  upper: new Float64Array(EXPONENTS),
  lower: new Float64Array(EXPONENTS),
});

function unitsByExponent({ upper, lower }: SumsByExponent): {
  readonly multiple: bigint;
  readonly exponent: number;
} {
  let first = 0;
  while (first < EXPONENTS && upper[first] === 0 && lower[first] === 0) first++;
  // All sums are multiples of the lowest bit of a double with the least exponent.
  const exponent = first + MIN_EXPONENT - 1023 - 52;
  const scale = 2 ** -exponent;
  let multiple = 0n;
  for (let i = first; i < EXPONENTS; i++) {
    const [more = 0, rest = 0] = [upper[i], lower[i]];
    if (more !== 0) multiple += BigInt(more * scale);
    if (rest !== 0) multiple += BigInt(rest * scale);
  }
  return { multiple, exponent };
}

/** `multiple * 2^exponent`, rounded to the nearest double; infinite where it is beyond the greatest. */
export function toDouble(multiple: bigint, exponent: number): number {
  const bits = (multiple < 0n ? -multiple : multiple).toString(2).length;
  const shift = BigInt(Math.max(0, bits - KEPT_BITS));
  let kept = multiple >> shift;
  // A bit for all that is cut off, so that half-way and a little more are distinguished.
  if (shift > 0n && kept << shift !== multiple) kept |= 1n;
  const power = Number(shift) + exponent;
  // In two steps: the power alone may be beyond the doubles.
  const half = Math.trunc(power / 2);
  return Number(kept) * 2 ** half * 2 ** (power - half);
}

/** What `toText` gave, as a multiple of 2^-1074. @throws SyntaxError where it is something else */
export function parseUnits(text: string): bigint {
  const { multiple, exponent } = parseText(text);
  return multiple << BigInt(exponent - UNIT_EXPONENT);
}

function parseText(text: string): { readonly multiple: bigint; readonly exponent: number } {
  const match = /^(-?)([0-9a-f]+)p(-?\d{1,4})$/.exec(text);
  if (match === null) {
    if (text === '0') return { multiple: 0n, exponent: 0 };
    throw new SyntaxError(`${JSON.stringify(text.slice(0, 40))} is no exact sum`);
  }
  const multiple = BigInt(`0x${match[2]}`);
  return { multiple: match[1] === '-' ? -multiple : multiple, exponent: Number(match[3]) };
}

/** The smallest double is two to this power. */
export const UNIT_EXPONENT = -1074;
/** Biased exponents of doubles that are normal float32 as well; others are rare, and added one by one. */
const MIN_EXPONENT = 1023 - 126;
const EXPONENTS = 126 + 127;
/** The rest of a value has at most 29 bits, and the sum of so many of them has 53. */
export const MAX_EXACT_VALUES = 2 ** 24;
/** More than the 53 of a double. */
const KEPT_BITS = 64;

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);

function unitsOf(value: number): bigint {
  FLOAT[0] = value;
  const [low = 0, high = 0] = WORDS;
  const exponent = (high >>> 20) & 0x7ff;
  const mantissa = (BigInt(high & 0xfffff) << 32n) | BigInt(low);
  const units = exponent === 0 ? mantissa : (mantissa | (1n << 52n)) << BigInt(exponent - 1);
  return value < 0 ? -units : units;
}
