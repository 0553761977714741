import type { LogHistogram } from '../statistics/log-histogram.js';

/**
 * A histogram as a text: for each bucket that is not empty, in order of value, its number as the
 * difference to the one before, in zigzag form, and its count; both as LEB128, and all of it as base64.
 * Lists of thousands of numbers would be slow to write, to check and to sort.
 */
export function bucketsToText(histogram: Pick<LogHistogram, 'visit'>): string {
  let bytes = new Uint8Array(4096);
  let end = 0;
  const write = (value: number): void => {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) bytes[end++] = 128 + (left % 128);
    bytes[end++] = left;
  };
  let before = 0;
  histogram.visit((bucket, count) => {
    if (end + MAX_ENTRY_BYTES > bytes.length) bytes = grown(bytes);
    const difference = bucket - before;
    write(difference < 0 ? -2 * difference - 1 : 2 * difference);
    write(count);
    before = bucket;
  });
  return Buffer.from(bytes.buffer, 0, end).toString('base64');
}

/** Hands out the buckets and counts that `bucketsToText` was given. */
export function readBuckets(text: string, use: (bucket: number, count: number) => void): void {
  const bytes = Buffer.from(text, 'base64');
  let at = 0;
  const read = (): number => {
    let [value, unit] = [0, 1];
    for (;;) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
      unit *= 128;
    }
  };
  let bucket = 0;
  while (at < bytes.length) {
    const zigzag = read();
    bucket += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    use(bucket, read());
  }
}

/** A difference takes three bytes, a count eight. */
const MAX_ENTRY_BYTES = 11;

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}
