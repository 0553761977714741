/**
 * Buckets of a histogram and their counts as a text: in turn, each bucket as the difference to the one
 * before, in zigzag form, and its count; both as LEB128, and all of it as base64. Lists of thousands of
 * numbers would be slow to write, to check and to sort.
 */
export function bucketsToText(buckets: readonly (readonly [number, number])[]): string {
  // A difference takes three bytes, a count eight.
  const bytes = Buffer.allocUnsafe(buckets.length * 11);
  let end = 0;
  const write = (value: number): void => {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) bytes[end++] = 128 + (left % 128);
    bytes[end++] = left;
  };
  let before = 0;
  for (const [bucket, count] of buckets) {
    const difference = bucket - before;
    write(difference < 0 ? -2 * difference - 1 : 2 * difference);
    write(count);
    before = bucket;
  }
  return bytes.toString('base64', 0, end);
}

/** What `bucketsToText` was given. */
export function textToBuckets(text: string): [number, number][] {
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
  const buckets: [number, number][] = [];
  let bucket = 0;
  while (at < bytes.length) {
    const zigzag = read();
    bucket += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    buckets.push([bucket, read()]);
  }
  return buckets;
}
