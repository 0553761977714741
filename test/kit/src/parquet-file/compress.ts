import { brotliCompressSync, gzipSync } from 'node:zlib';
import { varint } from './thrift-writer.js';

/** The codecs of the format, by the number that a footer has for each. */
export const CODECS = {
  uncompressed: 0,
  snappy: 1,
  gzip: 2,
  lzo: 3,
  brotli: 4,
  /** Hadoop's framing around blocks of LZ4. */
  lz4: 5,
  zstd: 6,
  lz4Raw: 7,
} as const;
export type Codec = keyof typeof CODECS;

/** A page's bytes in a codec. None is made smaller than it must be: literals are enough to read. */
export function compress(codec: Codec, bytes: Buffer): Buffer {
  switch (codec) {
    case 'uncompressed':
      return bytes;
    case 'snappy':
      return snappyLiterals(bytes);
    case 'gzip':
      return gzipSync(bytes);
    case 'brotli':
      return brotliCompressSync(bytes);
    case 'lz4Raw':
      return lz4Literals(bytes);
    case 'lz4': {
      const block = lz4Literals(bytes);
      const frame = Buffer.alloc(8);
      frame.writeUInt32BE(bytes.length, 0);
      frame.writeUInt32BE(block.length, 4);
      return Buffer.concat([frame, block]);
    }
    case 'zstd':
      return zstdRawBlock(bytes);
    case 'lzo':
      throw new RangeError('nothing here writes LZO: claim it instead');
    default: {
      const unknown: never = codec;
      return unknown;
    }
  }
}

/** The length, then literals of up to 60 bytes each. */
function snappyLiterals(bytes: Buffer): Buffer {
  const chunks: Uint8Array[] = [varint(BigInt(bytes.length))];
  for (let at = 0; at < bytes.length; at += 60) {
    const literal = bytes.subarray(at, at + 60);
    chunks.push(Uint8Array.of((literal.length - 1) << 2), literal);
  }
  return Buffer.concat(chunks);
}

/** One sequence that has literals only, as a block's last one does. */
function lz4Literals(bytes: Buffer): Buffer {
  const long = bytes.length >= 15;
  const lengths: number[] = [];
  if (long) {
    let rest = bytes.length - 15;
    for (; rest >= 255; rest -= 255) lengths.push(255);
    lengths.push(rest);
  }
  const token = (long ? 15 : bytes.length) << 4;
  return Buffer.concat([Uint8Array.of(token, ...lengths), bytes]);
}

/** A frame of one raw block, which holds up to 128 KiB. */
function zstdRawBlock(bytes: Buffer): Buffer {
  if (bytes.length >= 1 << 17) throw new RangeError('more than one block');
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 5);
  const block = (bytes.length << 3) | 1;
  header.writeUIntLE(block, 9, 3);
  return Buffer.concat([header, bytes]);
}
