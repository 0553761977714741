/**
 * The kernel's memory: a few words at constant addresses, the values to count, and then, allocated one behind
 * the other, counters of columns and pages of their histograms. Offsets are in bytes.
 */

/** At constant addresses. */
export const Shared = {
  /** Where nothing was allocated yet. */
  top: 8,
  /** The first page that was released; 0 where there is none. */
  freePage: 12,
  /** Behind the last byte that `write` has written. */
  written: 16,
  /** How many values of the last call are too large or too small for sums by exponent, and of their squares. */
  rareValues: 20,
  rareSquares: 24,
} as const;

/** Values of one call. */
export const MAX_VALUES = 2048;

/** Values that wait in a counter: few enough for those of 30 columns to stay in the processor's cache. */
export const MAX_WAITING = 512;

const INPUT = 64;
const RARE_VALUES = INPUT + 8 * MAX_VALUES;
const RARE_SQUARES = RARE_VALUES + 8 * MAX_VALUES;
const OTHER_INPUT = RARE_SQUARES + 8 * MAX_VALUES;

/** Where arrays of the last call are. */
export const Arrays = {
  input: INPUT,
  rareValues: RARE_VALUES,
  rareSquares: RARE_SQUARES,
  /** Of the values that those at `input` are compared with. */
  otherInput: OTHER_INPUT,
  end: OTHER_INPUT + 8 * MAX_VALUES,
} as const;

/** Exponents that are summed up by themselves: those of float32 that is neither zero nor subnormal. */
export const EXPONENTS = 253;
export const REGISTERS = 2048;
/** Pages of a histogram: of one sign and exponent each. */
export const PAGES = 4096;
export const BUCKETS_PER_PAGE = 64;
/** Places for different values, of which no more than half are used. */
export const VALUE_PLACES = 512;

const SUMS_BYTES = 8 * 256;
const SUMS = 64;
const HISTOGRAM = SUMS + 4 * SUMS_BYTES;
const COUNTED_REGISTERS = HISTOGRAM + 4 * PAGES;
const VALUES = COUNTED_REGISTERS + REGISTERS;
const VALUE_COUNTS = VALUES + 8 * VALUE_PLACES;
const WAITING = VALUE_COUNTS + 4 * VALUE_PLACES;

/** Of a counter, which counts the numbers of one column. */
export const Counter = {
  min: 0,
  max: 8,
  nan: 16,
  /** Values that are no finite numbers, NaN included. */
  notFinite: 20,
  /** Values whose squares are no finite numbers. */
  large: 24,
  /** How many different values there are; one more than the limit stands for all beyond. */
  different: 28,
  /** The page that was made last; each has the address of the one before. */
  lastPage: 32,
  pages: 36,
  /** By exponent, the upper 24 bits of values, and the rest of them. */
  sums: SUMS,
  lowerSums: SUMS + SUMS_BYTES,
  squares: SUMS + 2 * SUMS_BYTES,
  lowerSquares: SUMS + 3 * SUMS_BYTES,
  /** Addresses of the pages, or 0. */
  histogram: HISTOGRAM,
  registers: COUNTED_REGISTERS,
  values: VALUES,
  valueCounts: VALUE_COUNTS,
  /** Values that came a few at a time, and are counted together. */
  waiting: WAITING,
  bytes: WAITING + 8 * MAX_WAITING,
} as const;

/** Of a counter that compares two columns: it has the size of one that counts, and other sums. */
export const Differences = {
  compared: 0,
  largest: 8,
  /** Of differences above zero, and of the others' absolute values: the same bytes behind each other. */
  positive: Counter.sums,
  lowerPositive: Counter.lowerSums,
  negative: Counter.squares,
  lowerNegative: Counter.lowerSquares,
} as const;

/** Of a page of a histogram. */
export const Page = { before: 0, counts: 8, bytes: 8 + 4 * BUCKETS_PER_PAGE } as const;

/** What `write` writes: a digit for each register, and behind them the histogram, so many bytes for a page at most. */
export const MAX_WRITTEN_PAGE_BYTES = 8 * BUCKETS_PER_PAGE;
