import type { FilledBuckets } from '../statistics/log-histogram.js';

/**
 * A histogram as a text: for each bucket that is not empty, in order of value, its number as the
 * difference to the one before, in zigzag form, and its count; both as LEB128, and all of it as base64.
 * Lists of thousands of numbers would be slow to write, to check and to sort.
 */
export function bucketsToText({ buckets, counts }: FilledBuckets): string {
  const bytes = Buffer.allocUnsafe(buckets.length * MAX_ENTRY_BYTES);
  let end = 0;
  let before = 0;
  for (let i = 0; i < buckets.length; i++) {
    const bucket = buckets[i] ?? 0;
    let zigzag = ((bucket - before) << 1) ^ ((bucket - before) >> 31);
    for (; zigzag >= 128; zigzag >>>= 7) bytes[end++] = 128 | (zigzag & 127);
    bytes[end++] = zigzag;
    let count = counts[i] ?? 0;
    for (; count >= 128; count = Math.floor(count / 128)) bytes[end++] = 128 | (count % 128);
    bytes[end++] = count;
    before = bucket;
  }
  return bytes.toString('base64', 0, end);
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
