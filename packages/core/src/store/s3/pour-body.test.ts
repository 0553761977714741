import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { pourBody } from './pour-body.js';

const PIECE_BYTES = 64 * 1024;

/** Pieces that differ, and what they make together. */
function pieces(count: number): { readonly list: Buffer[]; readonly all: Buffer } {
  const list = Array.from({ length: count }, (_, index) => Buffer.alloc(PIECE_BYTES, index + 1));
  return { list, all: Buffer.concat(list) };
}

describe('pouring a body', () => {
  it.each([0, 1, 7, 8, 9, 40])('hands on %d pieces in order, once each', async (count) => {
    const { list, all } = pieces(count);
    const target = Buffer.alloc(all.length);
    let next = 0;
    await pourBody(Readable.from(list), async (batch, offset) => {
      expect(offset).toBe(next);
      await new Promise((resolve) => setImmediate(resolve));
      for (const piece of batch) {
        target.set(piece, next);
        next += piece.byteLength;
      }
    });
    expect(next).toBe(all.length);
    expect(target.equals(all)).toBe(true);
  });

  it('never writes two batches at once, and holds few pieces while it waits', async () => {
    const { list } = pieces(200);
    let [read, written, writing, held] = [0, 0, 0, 0];
    const source = Readable.from(list);
    source.on('data', (piece: Buffer) => (read += piece.byteLength));
    await pourBody(source, async (batch) => {
      expect(++writing).toBe(1);
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
      for (const piece of batch) written += piece.byteLength;
      held = Math.max(held, read - written);
      writing--;
    });
    expect(written).toBe(200 * PIECE_BYTES);
    expect(held).toBeLessThanOrEqual(16 * PIECE_BYTES);
  });

  it('ends with the reason of a write that fails, and reads no further', async () => {
    const source = Readable.from(pieces(100).list);
    let writes = 0;
    const pouring = pourBody(source, async () => {
      writes++;
      throw new Error('no space');
    });
    await expect(pouring).rejects.toThrow('no space');
    expect(writes).toBe(1);
    expect(source.destroyed).toBe(true);
  });

  it('waits for the write that is under way when the stream fails', async () => {
    const source = new PassThrough({ highWaterMark: 2 ** 24 });
    let finished = false;
    let started = (): void => {};
    const writing = new Promise<void>((resolve) => (started = resolve));
    const pouring = pourBody(source, async () => {
      started();
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      finished = true;
    });
    for (const piece of pieces(8).list) source.write(piece);
    await writing;
    source.destroy(new Error('cut off'));
    await expect(pouring).rejects.toThrow('cut off');
    expect(finished).toBe(true);
  });

  it('fails where a stream is closed before its end', async () => {
    const source = new PassThrough();
    const pouring = pourBody(source, async () => {});
    source.write('half');
    source.destroy();
    await expect(pouring).rejects.toThrow('the connection was closed');
  });
});
