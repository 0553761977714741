import { FunctionBody, type Local, wasm } from '@shardmill/trees';
import { Counter, Page, REGISTERS, Shared, VALUE_PLACES } from './counter-memory.js';
import { SumCode } from './sum-code.js';

const { f32, f64, i32, i64, select, zeroMemory } = wasm;

/** The numbers of core's sketch, which this counts as: a bucket is the upper 18 bits of a double. */
interface SketchLimits {
  /** So many different numbers are counted each by itself. */
  readonly maxNumbers: number;
  /** Larger ones have squares that are no finite doubles. */
  readonly maxSquared: number;
}

/**
 * A function that counts values as `NumberSketch` of core does. Its parameters are the counter, how many values
 * there are, and where they are.
 */
export function countValues(
  type: 'f32' | 'f64',
  { maxNumbers, maxSquared }: SketchLimits,
): FunctionBody {
  const body = new FunctionBody(3);
  const [counter, left, at] = body.parameters as [Local, Local, Local];
  const [high, low, open, finite] = body.locals(4, 'i32') as [Local, Local, Local, Local];
  const [value, min, max] = body.locals(3, 'f64') as [Local, Local, Local];
  const bits = body.local('i64');
  const sum = new SumCode(body, counter, 'rareValues');
  const squares = new SumCode(body, counter, 'rareSquares');
  const setBits = (): void => {
    body.set(bits, i64.ofBits(value));
    body.set(high, i32.fromI64(i64.shiftRight(bits, i64.constant(32))));
  };

  body.set(min, f64.load(counter, Counter.min));
  body.set(max, f64.load(counter, Counter.max));
  body.set(open, i32.lessUnsigned(i32.load(counter, Counter.different), maxNumbers + 1));
  body.loop(() => {
    const loaded = type === 'f32' ? f64.fromF32(f32.load(at)) : f64.load(at);
    // Adding zero makes -0 the same as 0.
    body.set(value, f64.add(loaded, f64.constant(0)));
    body.set(finite, f64.equal(f64.subtract(value, value), f64.constant(0)));
    body.if(finite, () => {
      body.set(min, select(value, min, f64.less(value, min)));
      body.set(max, select(value, max, f64.greater(value, max)));
      setBits();
      body.set(low, i32.fromI64(bits));
      countBucket(body, counter, high);
      // A float32 is its own upper part.
      sum.add(value, high, { sums: Counter.sums, lower: type === 'f64' && Counter.lowerSums });
      countDifferent(body, counter, { bits, high, low, open }, maxNumbers);
      body.set(finite, f64.less(f64.absolute(value), f64.constant(maxSquared)));
      body.if(finite, () => {
        body.set(value, f64.multiply(value, value));
        setBits();
        squares.add(value, high, { sums: Counter.squares, lower: Counter.lowerSquares });
      });
      body.run(increase(counter, Counter.large, i32.equal(finite, 0)));
      body.set(finite, 1);
    });
    body.if(i32.equal(finite, 0), () => {
      body.run(increase(counter, Counter.nan, f64.notEqual(value, value)));
      body.run(increase(counter, Counter.notFinite, 1));
    });
    body.add(at, type === 'f32' ? 4 : 8);
    body.set(left, i32.subtract(left, 1));
  }, left);
  body.run(f64.store(counter, min, Counter.min), f64.store(counter, max, Counter.max));
  sum.finish();
  squares.finish();
  return body;
}

const increase = (address: Local, offset: number, by: wasm.Operand): ReturnType<typeof i32.store> =>
  i32.store(address, i32.add(i32.load(address, offset), by), offset);

/** Counts a value's bucket; its page is made where it is the first one there. */
function countBucket(body: FunctionBody, counter: Local, high: Local): void {
  const [entry, page] = body.locals(2, 'i32') as [Local, Local];
  body.set(entry, i32.add(counter, i32.shiftLeft(i32.shiftRight(high, 20), 2)));
  body.set(page, i32.load(entry, Counter.histogram));
  body.if(i32.equal(page, 0), () => {
    body.set(page, i32.load(0, Shared.freePage));
    body.if(page, () => {
      body.run(i32.store(0, i32.load(page, Page.before), Shared.freePage));
    });
    body.if(i32.equal(page, 0), () => {
      body.set(page, i32.load(0, Shared.top));
      body.run(i32.store(0, i32.add(page, Page.bytes), Shared.top));
    });
    body.run(
      zeroMemory(page, Page.bytes),
      i32.store(page, i32.load(counter, Counter.lastPage), Page.before),
      i32.store(counter, page, Counter.lastPage),
      i32.store(entry, page, Counter.histogram),
      increase(counter, Counter.pages, 1),
    );
  });
  body.set(page, i32.add(page, i32.shiftLeft(i32.and(i32.shiftRight(high, 14), 63), 2)));
  body.run(increase(page, Page.counts, 1));
  body.release(entry, page);
}

interface ValueBits {
  readonly bits: Local;
  readonly high: Local;
  readonly low: Local;
  /** Whether different values are counted one by one still. */
  readonly open: Local;
}

/** Enters a value's hashes into the registers, and counts it by itself as long as there are few. */
function countDifferent(
  body: FunctionBody,
  counter: Local,
  { bits, high, low, open }: ValueBits,
  maxNumbers: number,
): void {
  const [first, rank, register] = body.locals(3, 'i32') as [Local, Local, Local];
  body.set(first, i32.xor(high, 0x9e3779b9));
  mix(body, first);
  body.set(first, i32.xor(low, first));
  mix(body, first);
  body.set(rank, i32.add(first, low));
  mix(body, rank);
  body.set(rank, i32.add(i32.leadingZeros(rank), 1));
  body.set(register, i32.add(counter, i32.and(first, REGISTERS - 1)));
  body.if(i32.greaterUnsigned(rank, i32.load8(register, Counter.registers)), () => {
    body.run(i32.store8(register, rank, Counter.registers));
  });
  body.if(open, () => countValue(body, counter, { first, bits, open }, maxNumbers));
  body.release(first, rank, register);
}

/** Finds the value's place by its hash, or the next one that is free. */
function countValue(
  body: FunctionBody,
  counter: Local,
  { first, bits, open }: Pick<ValueBits, 'bits' | 'open'> & { readonly first: Local },
  maxNumbers: number,
): void {
  const [place, cell, known, isOther] = body.locals(4, 'i32') as [Local, Local, Local, Local];
  body.set(place, i32.and(i32.shiftRight(first, 11), VALUE_PLACES - 1));
  body.loop(() => {
    body.set(known, i32.load(i32.add(counter, i32.shiftLeft(place, 2)), Counter.valueCounts));
    body.set(cell, i32.add(counter, i32.shiftLeft(place, 3)));
    const isFilled = i32.notEqual(known, 0);
    body.set(isOther, i32.and(isFilled, i64.notEqual(i64.load(cell, Counter.values), bits)));
    body.set(place, i32.and(i32.add(place, isOther), VALUE_PLACES - 1));
  }, isOther);
  body.if(i32.equal(known, 0), () => {
    body.run(increase(counter, Counter.different, 1), i64.store(cell, bits, Counter.values));
    body.set(open, i32.lessUnsigned(i32.load(counter, Counter.different), maxNumbers + 1));
  });
  body.set(cell, i32.add(counter, i32.shiftLeft(place, 2)));
  body.run(i32.store(cell, i32.add(known, 1), Counter.valueCounts));
  body.release(place, cell, known, isOther);
}

/** The finalizer of MurmurHash3. */
function mix(body: FunctionBody, word: Local): void {
  body.set(word, i32.multiply(i32.xor(word, i32.shiftRight(word, 16)), 0x85ebca6b));
  body.set(word, i32.multiply(i32.xor(word, i32.shiftRight(word, 13)), 0xc2b2ae35));
  body.set(word, i32.xor(word, i32.shiftRight(word, 16)));
}
