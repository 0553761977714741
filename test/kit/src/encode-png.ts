import { crc32, deflateSync } from 'node:zlib';

/** A picture of 8 bits per channel, RGB, row by row. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Encodes a picture as PNG, without loss and without a filter (RFC 2083). */
export function encodePng({ height, width, data }: Picture): Buffer {
  const stride = width * 3;
  if (data.length !== height * stride) throw new RangeError(`${data.length} bytes of pixels`);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits, RGB.
  header.set([8, 2], 8);
  const lines = Buffer.alloc(height * (stride + 1));
  for (let row = 0; row < height; row++) {
    lines.set(data.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A picture of one colour. */
export function plainPicture(side: number, colour: readonly [number, number, number]): Picture {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => colour[i % 3] ?? 0);
  return { height: side, width: side, data };
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}
