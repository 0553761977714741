/**
 * The exact sum of finite doubles, whatever their order and however they were divided: the 24 bits that
 * a float32 has and the rest are each added up by exponent, where a double holds the sum of 2^24 of them
 * without rounding. (The idea of Neal, "Fast exact summation using small and large superaccumulators",
 * 2015.)
 */
export class ExactSum {
  /** Sums of the upper bits of values, and of the lower ones, by the value's exponent. */
  readonly #upper = new Float64Array(EXPONENTS);
  readonly #lower = new Float64Array(EXPONENTS);
  #added = 0;
  /** What is not in the arrays any more, as a multiple of the smallest double. */
  #total = 0n;

  /** @param value a finite number */
  add(value: number): void {
    FLOAT[0] = value;
    const exponent = (((WORDS[1] ?? 0) >>> 20) & 0x7ff) - MIN_EXPONENT;
    if (exponent >= 0 && exponent < EXPONENTS) {
      const upper = Math.fround(value);
      this.#upper[exponent] = (this.#upper[exponent] ?? 0) + upper;
      if (upper !== value) this.#lower[exponent] = (this.#lower[exponent] ?? 0) + (value - upper);
      if (++this.#added === MAX_ADDED) this.#drain();
    } else if (value !== 0) this.#total += unitsOf(value);
  }

  /** Adds what `toText` of another sum gave. */
  merge(text: string): void {
    this.#total += parseUnits(text);
  }

  /** A hexadecimal integer and the power of two that it is multiplied by: `-3fp-4`; `0` for zero. */
  toText(): string {
    const units = this.units();
    if (units === 0n) return '0';
    const zeros = (units & -units).toString(2).length - 1;
    return `${(units >> BigInt(zeros)).toString(16)}p${zeros + UNIT_EXPONENT}`;
  }

  /** The sum as a multiple of 2^-1074, the smallest double. */
  units(): bigint {
    this.#drain();
    return this.#total;
  }

  #drain(): void {
    for (const sums of [this.#upper, this.#lower]) {
      for (let exponent = 0; exponent < EXPONENTS; exponent++) {
        const sum = sums[exponent] ?? 0;
        if (sum === 0) continue;
        this.#total += unitsOf(sum);
        sums[exponent] = 0;
      }
    }
    this.#added = 0;
  }
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

/** What `toText` gave. @throws SyntaxError where it is something else */
export function parseUnits(text: string): bigint {
  const match = /^(-?)([0-9a-f]+)p(-?\d{1,4})$/.exec(text);
  if (match === null) {
    if (text === '0') return 0n;
    throw new SyntaxError(`${JSON.stringify(text.slice(0, 40))} is no exact sum`);
  }
  const units = BigInt(`0x${match[2]}`) << BigInt(Number(match[3]) - UNIT_EXPONENT);
  return match[1] === '-' ? -units : units;
}

/** The smallest double is two to this power. */
export const UNIT_EXPONENT = -1074;
/** Biased exponents of doubles that are normal float32 as well; others are rare, and added one by one. */
const MIN_EXPONENT = 1023 - 126;
const EXPONENTS = 126 + 127;
/** The rest of a value has at most 29 bits, and the sum of so many of them has 53. */
const MAX_ADDED = 2 ** 24;
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
