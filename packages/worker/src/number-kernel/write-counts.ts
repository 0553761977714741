import { FunctionBody, type Local, wasm } from '@shardmill/trees';
import { BUCKETS_PER_PAGE, Counter, Page, PAGES, REGISTERS, Shared } from './counter-memory.js';

const { i32 } = wasm;

/**
 * A function that writes what becomes texts, in the forms of core's `DistinctSketch` and `bucketsToText`: the
 * digits of a counter's registers, and behind them its histogram in order of value. Its parameters are
 * the counter, and where to write.
 */
export function writeCounts(): FunctionBody {
  const body = new FunctionBody(2);
  const [counter, target] = body.parameters as [Local, Local];
  const [at, before] = body.locals(2, 'i32') as [Local, Local];
  body.set(at, target);
  writeDigits(body, counter, at);
  body.set(before, 0);
  // Negative values grow away from zero, and have the upper half of the pages.
  const half = PAGES / 2;
  writePages(body, counter, { at, before }, { from: PAGES - 1, step: -1, count: half });
  writePages(body, counter, { at, before }, { from: 0, step: 1, count: half });
  body.run(i32.store(0, at, Shared.written));
  return body;
}

/** A base64 digit for each register: `A` to `Z` are 0 to 25, and `a` is 26. */
function writeDigits(body: FunctionBody, counter: Local, at: Local): void {
  const [end, rank, from] = body.locals(3, 'i32') as [Local, Local, Local];
  body.set(end, i32.add(at, REGISTERS));
  body.set(from, counter);
  body.loop(
    () => {
      body.set(rank, i32.load8(from, Counter.registers));
      const isLower = i32.greaterUnsigned(rank, 25);
      const digit = i32.add(rank, i32.add(UPPER_A, i32.multiply(isLower, LOWER_A - UPPER_A - 26)));
      body.run(i32.store8(at, digit));
      body.add(at, 1);
      body.add(from, 1);
    },
    i32.lessUnsigned(at, end),
  );
  body.release(end, rank, from);
}

const UPPER_A = 65;
const LOWER_A = 97;

interface WritePlace {
  readonly at: Local;
  /** The bucket that was written last. */
  readonly before: Local;
}

interface PageRange {
  readonly from: number;
  readonly step: 1 | -1;
  readonly count: number;
}

/** Writes the buckets of some pages, in both in the same direction. */
function writePages(
  body: FunctionBody,
  counter: Local,
  { at, before }: WritePlace,
  { from, step, count }: PageRange,
): void {
  const [page, left, address] = body.locals(3, 'i32') as [Local, Local, Local];
  const [offset, bucket, rows, word] = body.locals(4, 'i32') as [Local, Local, Local, Local];
  body.set(page, from);
  body.set(left, count);
  body.loop(() => {
    body.set(address, i32.load(i32.add(counter, i32.shiftLeft(page, 2)), Counter.histogram));
    body.if(address, () => {
      body.set(offset, step === 1 ? 0 : BUCKETS_PER_PAGE - 1);
      body.loop(
        () => {
          body.set(rows, i32.load(i32.add(address, i32.shiftLeft(offset, 2)), Page.counts));
          body.if(rows, () => {
            body.set(bucket, i32.add(i32.multiply(page, BUCKETS_PER_PAGE), offset));
            body.set(word, i32.subtract(bucket, before));
            // Zigzag: the sign is the lowest bit.
            body.set(word, i32.xor(i32.shiftLeft(word, 1), i32.shiftRightSigned(word, 31)));
            writeInteger(body, at, word);
            writeInteger(body, at, rows);
            body.set(before, bucket);
          });
          body.add(offset, step);
        },
        // Below zero it is a large number.
        i32.lessUnsigned(offset, BUCKETS_PER_PAGE),
      );
    });
    body.add(page, step);
    body.set(left, i32.subtract(left, 1));
  }, left);
  body.release(page, left, address, offset, bucket, rows, word);
}

/** Writes an unsigned integer as LEB128, and leaves nothing of it. */
function writeInteger(body: FunctionBody, at: Local, word: Local): void {
  const more = body.local('i32');
  body.loop(() => {
    body.set(more, i32.greaterUnsigned(word, 127));
    body.run(i32.store8(at, i32.or(i32.and(word, 127), i32.shiftLeft(more, 7))));
    body.add(at, 1);
    body.set(word, i32.shiftRight(word, 7));
  }, more);
  body.release(more);
}
