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

/** The buckets and counts that `bucketsToText` was given. */
export function readBuckets(text: string): FilledBuckets {
  const bytes = Buffer.from(text, 'base64');
  const buckets = new Int32Array(bytes.length / MIN_ENTRY_BYTES);
  const counts = new Float64Array(buckets.length);
  let [at, bucket, filled] = [0, 0, 0];
  // Without a function for an integer: of thousands of entries most have two bytes.
  while (at < bytes.length) {
    let byte = bytes[at++] ?? 0;
    let zigzag = byte & 127;
    for (let shift = 7; byte >= 128; shift += 7) {
      byte = bytes[at++] ?? 0;
      zigzag |= (byte & 127) << shift;
    }
    bucket += (zigzag >>> 1) ^ -(zigzag & 1);
    byte = bytes[at++] ?? 0;
    let count = byte & 127;
    for (let unit = 128; byte >= 128; unit *= 128) {
      byte = bytes[at++] ?? 0;
      count += (byte & 127) * unit;
    }
    buckets[filled] = bucket;
    counts[filled++] = count;
  }
  return { buckets: buckets.subarray(0, filled), counts: counts.subarray(0, filled) };
}

/** A difference takes three bytes, a count eight. */
const MAX_ENTRY_BYTES = 11;
/** A difference and a count. */
const MIN_ENTRY_BYTES = 2;
