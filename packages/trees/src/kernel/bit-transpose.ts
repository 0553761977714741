import { i64x2, type Local, v128 } from '../wasm/expressions.js';
import type { FunctionBody } from '../wasm/function-body.js';

/** A plane of 128 bits: a local variable, or a constant. */
export type BitPlane = Local | 0 | 1;

/** Constants of the three rounds, by the distance of what they exchange. */
export type LowerBlocks = ReadonlyMap<number, Local>;

export function lowerBlocks(body: FunctionBody): LowerBlocks {
  const bits = [
    [4, 0x0f],
    [2, 0x33],
    [1, 0x55],
  ] as const;
  return new Map(
    bits.map(([distance, byte]) => {
      const local = body.local('v128');
      body.set(local, v128.ofByte(byte));
      return [distance, local];
    }),
  );
}

/**
 * Turns eight planes of one bit for 128 rows into 128 bytes of eight bits, and stores them. It is
 * three rounds of exchanging blocks of 4 x 4, 2 x 2 and single bits between pairs of planes, in all
 * 16 columns of bytes at once (Warren, Hacker's Delight, 7-3). After it, byte j of plane b belongs to
 * row 16 * b + j.
 * @param planes from the lowest bit on; their locals are released
 * @param address local with the address of the bytes, to which `offset` is added
 */
export function transposeBits(
  body: FunctionBody,
  planes: readonly BitPlane[],
  blocks: LowerBlocks,
  address: Local,
  offset: number,
): void {
  const held = Array.from({ length: 8 }, (_, q) => ownLocal(body, planes, q));
  for (const [distance, lower] of blocks) exchange(body, held, distance, lower);
  for (const [b, bytes] of held.entries()) {
    body.run(v128.store(address, bytes ?? v128.ofByte(0), offset + 16 * b));
    if (bytes !== undefined) body.release(bytes);
  }
}

/** A plane in a local that no other plane shares; undefined for one that is zero. */
function ownLocal(
  body: FunctionBody,
  planes: readonly BitPlane[],
  q: number,
): Local | undefined {
  const plane = planes[q] ?? 0;
  if (plane === 0) return undefined;
  if (plane !== 1 && planes.indexOf(plane) === q) return plane;
  const own = body.local('v128');
  body.set(own, plane === 1 ? v128.ofByte(0xff) : plane);
  return own;
}

/** Exchanges the upper blocks of one plane with the lower ones of that `distance` away. */
function exchange(
  body: FunctionBody,
  planes: (Local | undefined)[],
  distance: number,
  lower: Local,
): void {
  const moved = body.local('v128');
  for (let i = 0; i < 8; i++) {
    if ((i & distance) !== 0) continue;
    const [a, b] = [planes[i], planes[i + distance]];
    if (a === undefined && b === undefined) continue;
    // What is zero needs a local of its own for what comes over.
    const up = a ?? body.local('v128');
    const down = b ?? body.local('v128');
    if (a !== undefined && b !== undefined) {
      body.set(moved, v128.and(v128.xor(i64x2.shiftRight(a, distance), b), lower));
      body.set(down, v128.xor(b, moved));
      body.set(up, v128.xor(a, i64x2.shiftLeft(moved, distance)));
    } else if (a !== undefined) {
      body.set(down, v128.and(i64x2.shiftRight(a, distance), lower));
      body.set(up, v128.xor(a, i64x2.shiftLeft(down, distance)));
    } else if (b !== undefined) {
      body.set(moved, v128.and(b, lower));
      body.set(up, i64x2.shiftLeft(moved, distance));
      body.set(down, v128.xor(b, moved));
    }
    planes[i] = up;
    planes[i + distance] = down;
  }
  body.release(moved);
}
