import type { WritePieces } from './object-store.js';

/** What is needed of a file that is open for writing: the API names no types of Node's. */
interface OpenFile {
  writev(
    pieces: readonly Uint8Array[],
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
}

/** Writes pieces of a range that begins at `start` of a file. */
export function writePiecesAt(file: OpenFile, start: number): WritePieces {
  return async (pieces, offset) => {
    let rest = [...pieces];
    for (let at = start + offset; rest.length > 0; ) {
      const { bytesWritten } = await file.writev(rest, at);
      at += bytesWritten;
      rest = without(rest, bytesWritten);
    }
  };
}

/** What is left of pieces behind their first `bytes` bytes. */
function without(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = bytes;
  return pieces.flatMap((piece) => {
    const left = piece.subarray(Math.min(skipped, piece.byteLength));
    skipped -= piece.byteLength - left.byteLength;
    return left.byteLength === 0 ? [] : [left];
  });
}
