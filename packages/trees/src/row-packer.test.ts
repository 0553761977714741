import { describe, expect, it } from 'vitest';
import { RowPacker } from './row-packer.js';

/** A value for each place, with bits that arithmetic would not keep: NaN of all kinds, denormals, -0. */
const bitsAt = (row: number, column: number): number =>
  (Math.imul(row * 977 + column, 0x9e3779b1) ^ (row % 7 === 0 ? 0x7fc00001 : 0)) >>> 0;

const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

function fill(packer: RowPacker, rows: number): void {
  for (let column = 0; column < packer.width; column++) {
    const bits = bitsOf(packer.column(column) ?? new Float32Array());
    for (let row = 0; row < rows; row++) bits[row] = bitsAt(row, column);
  }
}

describe('a row packer', () => {
  it.each([4, 5, 6, 7, 8, 30, 201])(
    'makes rows of %i columns, for any number of rows, without a change of any bit',
    (width) => {
      const packer = new RowPacker(width, 64);
      for (const rows of [1, 2, 3, 4, 5, 31, 63, 64]) {
        fill(packer, rows);
        packer.pack(rows);
        const wanted = Array.from({ length: rows * width }, (_, at) =>
          bitsAt(Math.floor(at / width), at % width),
        );
        expect([...bitsOf(packer.rows).subarray(0, rows * width)]).toEqual(wanted);
      }
    },
  );

  it('leaves all columns as they were, and what lies behind the rows', () => {
    const packer = new RowPacker(5, 8);
    fill(packer, 8);
    packer.pack(0);
    expect([...packer.rows]).toEqual(Array.from({ length: 40 }, () => 0));
    packer.pack(8);
    for (let column = 0; column < 5; column++) {
      const bits = [...bitsOf(packer.column(column) ?? new Float32Array())];
      expect(bits).toEqual(Array.from({ length: 8 }, (_, row) => bitsAt(row, column)));
    }
    expect(packer.column(5)).toBeUndefined();
  });

  it('refuses fewer than four columns, and rows that are no multiple of four', () => {
    expect(() => new RowPacker(3, 64)).toThrow('3 columns of 64 rows');
    expect(() => new RowPacker(4, 66)).toThrow('4 columns of 66 rows');
  });
});
