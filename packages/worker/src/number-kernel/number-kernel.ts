import {
  type CountedDifferences,
  MAX_NUMBERS,
  MAX_SQUARED,
  type SumsByExponent,
} from '@shardmill/core';
import { ModuleBuilder, webAssembly } from '@shardmill/trees';
import { compareValues } from './compare-values.js';
import { countValues } from './count-values.js';
import {
  Arrays,
  Counter,
  Differences,
  EXPONENTS,
  MAX_WRITTEN_PAGE_BYTES,
  Page,
  REGISTERS,
  Shared,
  VALUE_PLACES,
} from './counter-memory.js';
import { writeCounts } from './write-counts.js';

/** What a counter has counted. */
interface CountedNumbers {
  readonly nan: number;
  readonly infinite: number;
  readonly min: number;
  readonly max: number;
  /** Whether all squares are finite. */
  readonly squaresFinite: boolean;
  /** As `bucketsToText` of core. */
  readonly buckets: string;
  /** Each with its count, in their order; null where there are too many. */
  readonly values: [number, number][] | null;
  /** As `DistinctSketch.toText` of core. */
  readonly registers: string;
}

/** Values of one call that are too large or too small for sums by exponent. */
export interface RareNumbers {
  readonly values: Float64Array;
  readonly squares: Float64Array;
}

/** The address of a counter. */
export type CounterAddress = number;

/**
 * Counts numbers of columns in WebAssembly, whose memory all its counters are in. It takes 10 ns for a number where
 * `NumberSketch` of core takes 45, and has no loops that are compiled again and again until they are fast,
 * which took longer than the numbers of a sample.
 */
class NumberKernel {
  readonly #memory: GrowingMemory;
  readonly #count: Readonly<Record<'f32' | 'f64', CountFunction>>;
  readonly #compare: Readonly<Record<'f32' | 'f64', CompareFunction>>;
  readonly #write: (counter: number, target: number) => void;
  readonly #released: CounterAddress[] = [];
  #bytes: Uint8Array;
  #words: Int32Array;
  #doubles: Float64Array;
  #floats: Float32Array;

  constructor() {
    const limits = { maxNumbers: MAX_NUMBERS, maxSquared: MAX_SQUARED };
    const builder = new ModuleBuilder();
    builder.function(countValues('f32', limits), 'countF32');
    builder.function(countValues('f64', limits), 'countF64');
    builder.function(compareValues('f32'), 'compareF32');
    builder.function(compareValues('f64'), 'compareF64');
    builder.function(writeCounts(), 'write');
    const module = new webAssembly.Module(builder.encode(FIRST_BYTES, MAX_BYTES));
    const { exports } = new webAssembly.Instance(module);
    this.#memory = exports['memory'] as GrowingMemory;
    this.#count = {
      f32: exports['countF32'] as CountFunction,
      f64: exports['countF64'] as CountFunction,
    };
    this.#compare = {
      f32: exports['compareF32'] as CompareFunction,
      f64: exports['compareF64'] as CompareFunction,
    };
    this.#write = exports['write'] as (counter: number, target: number) => void;
    [this.#bytes, this.#words, this.#doubles, this.#floats] = viewsOf(this.#memory.buffer);
    this.#words[Shared.top / 4] = Arrays.end;
  }

  /** A counter that has counted nothing. It is released by `take`, or by `release`. */
  open(): CounterAddress {
    const counter = this.#released.pop() ?? this.#allocate(Counter.bytes);
    this.#bytes.fill(0, counter, counter + Counter.waiting);
    this.#doubles[(counter + Counter.min) / 8] = Infinity;
    this.#doubles[(counter + Counter.max) / 8] = -Infinity;
    return counter;
  }

  /**
   * Counts `count` values, `MAX_VALUES` at most: those at `start`, `start + stride`, … of an array.
   * @returns those that are not in the sums; good until the next call. Undefined where all are.
   */
  count(
    counter: CounterAddress,
    values: Floats,
    start: number,
    stride: number,
    count: number,
  ): RareNumbers | undefined {
    const input = values instanceof Float32Array ? this.#floats : this.#doubles;
    copy(values, start, stride, count, input, Arrays.input / input.BYTES_PER_ELEMENT);
    const type = values instanceof Float32Array ? 'f32' : 'f64';
    return this.#countAt(counter, Arrays.input, count, type);
  }

  /** Puts values behind the `waiting` ones that a counter has; `MAX_WAITING` at most are there then. */
  wait(
    counter: CounterAddress,
    waiting: number,
    values: Floats,
    start: number,
    stride: number,
    count: number,
  ): void {
    const first = (counter + Counter.waiting) / 8 + waiting;
    copy(values, start, stride, count, this.#doubles, first);
  }

  /** Counts the values that wait. @returns as `count` */
  countWaiting(counter: CounterAddress, waiting: number): RareNumbers | undefined {
    return this.#countAt(counter, counter + Counter.waiting, waiting, 'f64');
  }

  #countAt(
    counter: CounterAddress,
    values: number,
    count: number,
    type: 'f32' | 'f64',
  ): RareNumbers | undefined {
    if (count === 0) return undefined;
    // Each may be the first of a page.
    this.#reserve(count * Page.bytes);
    this.#count[type](counter, count, values);
    const [rare = 0, squares = 0] = [
      this.#words[Shared.rareValues / 4],
      this.#words[Shared.rareSquares / 4],
    ];
    if (rare === 0 && squares === 0) return undefined;
    return {
      values: this.#doublesAt(Arrays.rareValues, rare),
      squares: this.#doublesAt(Arrays.rareSquares, squares),
    };
  }

  /** A counter that has compared nothing. It is released by `release`. */
  openDifferences(): CounterAddress {
    const counter = this.open();
    this.#doubles[(counter + Differences.largest) / 8] = 0;
    this.#words[(counter + Differences.compared) / 4] = 0;
    return counter;
  }

  /**
   * Compares the first `count` values of two arrays of one type, `MAX_VALUES` at most.
   * @returns differences that are not in the sums; good until the next call.
   */
  compare<T extends Floats>(
    counter: CounterAddress,
    champion: T,
    challenger: T,
    count: number,
  ): Float64Array {
    if (count === 0) return NO_NUMBERS;
    const isFloat = champion instanceof Float32Array;
    const input = isFloat ? this.#floats : this.#doubles;
    const { BYTES_PER_ELEMENT: bytes } = input;
    input.set(champion.subarray(0, count), Arrays.input / bytes);
    input.set(challenger.subarray(0, count), Arrays.otherInput / bytes);
    this.#compare[isFloat ? 'f32' : 'f64'](counter, count);
    return this.#doublesAt(Arrays.rareValues, this.#words[Shared.rareValues / 4] ?? 0);
  }

  /** Takes what a counter has compared; it goes on with nothing. */
  takeDifferences(counter: CounterAddress): CountedDifferences {
    const compared = (this.#words[(counter + Differences.compared) / 4] ?? 0) >>> 0;
    this.#words[(counter + Differences.compared) / 4] = 0;
    return {
      compared,
      largest: this.#doubles[(counter + Differences.largest) / 8] ?? 0,
      positive: this.#takeSumsAt(
        counter + Differences.positive,
        counter + Differences.lowerPositive,
      ),
      negative: this.#takeSumsAt(
        counter + Differences.negative,
        counter + Differences.lowerNegative,
      ),
    };
  }

  /** Takes the sums of a counter's values and of their squares, which are zero then. */
  takeSums(counter: CounterAddress): Readonly<Record<'sums' | 'squares', SumsByExponent>> {
    return {
      sums: this.#takeSumsAt(counter + Counter.sums, counter + Counter.lowerSums),
      squares: this.#takeSumsAt(counter + Counter.squares, counter + Counter.lowerSquares),
    };
  }

  #takeSumsAt(upper: number, lower: number): SumsByExponent {
    const [uppers, lowers] = [this.#doublesAt(upper, EXPONENTS), this.#doublesAt(lower, EXPONENTS)];
    const taken = { upper: uppers.slice(), lower: lowers.slice() };
    uppers.fill(0);
    lowers.fill(0);
    return taken;
  }

  /** What a counter has counted but for its sums. It is released. */
  take(counter: CounterAddress): CountedNumbers {
    const word = (offset: number): number => this.#words[(counter + offset) / 4] ?? 0;
    const nan = word(Counter.nan);
    this.#reserve(REGISTERS + word(Counter.pages) * MAX_WRITTEN_PAGE_BYTES);
    const target = this.#top;
    this.#write(counter, target);
    const written = this.#words[Shared.written / 4] ?? 0;
    const texts = Buffer.from(this.#bytes.buffer, target, written - target);
    const counted: CountedNumbers = {
      nan,
      infinite: word(Counter.notFinite) - nan,
      min: this.#doubles[(counter + Counter.min) / 8] ?? Infinity,
      max: this.#doubles[(counter + Counter.max) / 8] ?? -Infinity,
      squaresFinite: word(Counter.large) === 0,
      registers: texts.toString('latin1', 0, REGISTERS),
      buckets: texts.toString('base64', REGISTERS),
      values: word(Counter.different) > MAX_NUMBERS ? null : this.#valuesOf(counter),
    };
    this.release(counter);
    return counted;
  }

  /** Releases a counter and its pages. */
  release(counter: CounterAddress): void {
    const words = this.#words;
    let page = words[(counter + Counter.lastPage) / 4] ?? 0;
    while (page !== 0) {
      const before = words[(page + Page.before) / 4] ?? 0;
      words[(page + Page.before) / 4] = words[Shared.freePage / 4] ?? 0;
      words[Shared.freePage / 4] = page;
      page = before;
    }
    this.#released.push(counter);
  }

  #valuesOf(counter: CounterAddress): [number, number][] {
    const values: [number, number][] = [];
    for (let place = 0; place < VALUE_PLACES; place++) {
      const count = this.#words[(counter + Counter.valueCounts) / 4 + place] ?? 0;
      if (count === 0) continue;
      values.push([this.#doubles[(counter + Counter.values) / 8 + place] ?? 0, count >>> 0]);
    }
    return values.toSorted(([a], [b]) => a - b);
  }

  #doublesAt(address: number, count: number): Float64Array {
    return this.#doubles.subarray(address / 8, address / 8 + count);
  }

  get #top(): number {
    return this.#words[Shared.top / 4] ?? 0;
  }

  #allocate(bytes: number): number {
    this.#reserve(bytes);
    const address = this.#top;
    this.#words[Shared.top / 4] = address + bytes;
    return address;
  }

  /** Makes sure that so many bytes can be allocated. @throws RangeError where there is no memory for them */
  #reserve(bytes: number): void {
    const missing = this.#top + bytes - this.#bytes.length;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil(Math.max(missing, GROWTH_BYTES) / WASM_PAGE_BYTES));
    [this.#bytes, this.#words, this.#doubles, this.#floats] = viewsOf(this.#memory.buffer);
  }
}

const NO_NUMBERS = new Float64Array();

type Floats = Float32Array | Float64Array;

type CountFunction = (counter: number, count: number, values: number) => void;
type CompareFunction = (counter: number, count: number) => void;

function copy(
  values: Floats,
  start: number,
  stride: number,
  count: number,
  target: Floats,
  at: number,
): void {
  if (stride === 1) target.set(values.subarray(start, start + count), at);
  else {
    for (let i = 0; i < count; i++) target[at + i] = values[start + i * stride] ?? Number.NaN;
  }
}

interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): void;
}

const WASM_PAGE_BYTES = 65_536;
const FIRST_BYTES = 2 ** 20;
const GROWTH_BYTES = 2 ** 20;
/** Addresses of more have a sign. */
const MAX_BYTES = 2 ** 31 - WASM_PAGE_BYTES;

function viewsOf(buffer: ArrayBuffer): [Uint8Array, Int32Array, Float64Array, Float32Array] {
  return [
    new Uint8Array(buffer),
    new Int32Array(buffer),
    new Float64Array(buffer),
    new Float32Array(buffer),
  ];
}

/** Of this thread: its memory is used again for each part. */
let kernel: NumberKernel | undefined;

export function sharedKernel(): NumberKernel {
  kernel ??= new NumberKernel();
  return kernel;
}
