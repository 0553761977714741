import type { Random } from '@shardmill/test-kit';

/** The first part of a file. */
export function cut(bytes: Buffer, fraction: number): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length * fraction));
}

/** Flips bits at places that are drawn, from `start` up to `end`. */
export function flipped(
  bytes: Buffer,
  random: Random,
  { start, end, count }: { readonly start: number; readonly end: number; readonly count: number },
): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = 0; i < count; i++) {
    const at = start + random.integer(Math.max(1, end - start));
    copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(8));
  }
  return copy;
}

/** Where the footer of a Parquet file is, without its length and the mark behind it. */
export function footerOf(bytes: Buffer): { readonly start: number; readonly end: number } {
  const end = bytes.length - 8;
  return { start: end - bytes.readUInt32LE(end), end };
}

/** A Parquet file that says that its footer has another length. */
export function withFooterLength(bytes: Buffer, length: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(length, copy.length - 8);
  return copy;
}
