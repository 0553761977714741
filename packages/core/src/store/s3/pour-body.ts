import type { Readable } from 'node:stream';
import type { WritePieces } from '../object-store.js';

/** What is written at once. Still in the processor's cache then, and few enough calls. */
const BATCH_BYTES = 512 * 1024;

/**
 * Hands what a stream brings to `write`, in batches, while more of it arrives. By events: to wait for each piece of
 * 64 KiB takes longer than to receive it. A stream that is faster than `write` waits with at most two batches in memory.
 * @throws the stream's error, or what `write` throws, which destroys the stream; no call of `write` is under way then.
 */
export function pourBody(stream: Readable, write: WritePieces): Promise<void> {
  return new Promise((resolve, reject) => {
    let pieces: Uint8Array[] = [];
    let bytes = 0;
    let offset = 0;
    let writing = false;
    let end: { readonly error?: unknown } | undefined;

    const settle = (): void => {
      if (writing || end === undefined) return;
      if ('error' in end) reject(toError(end.error));
      else if (bytes > 0) writeBatch();
      else resolve();
    };
    const finish = (outcome: { readonly error?: unknown }): void => {
      end ??= outcome;
      settle();
    };
    const writeBatch = (): void => {
      const [batch, at] = [pieces, offset];
      offset += bytes;
      pieces = [];
      bytes = 0;
      writing = true;
      void write(batch, at).then(
        () => {
          writing = false;
          stream.resume();
          settle();
        },
        (error: unknown) => {
          writing = false;
          end = { error };
          stream.destroy();
          settle();
        },
      );
    };

    stream.on('data', (piece: Uint8Array) => {
      pieces.push(piece);
      bytes += piece.byteLength;
      if (bytes < BATCH_BYTES) return;
      if (writing) stream.pause();
      else writeBatch();
    });
    stream.once('end', () => finish({}));
    stream.on('error', (error) => finish({ error }));
    stream.once('close', () => finish({ error: new Error('the connection was closed') }));
  });
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
