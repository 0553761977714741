import { packRows } from './kernel/pack-rows.js';
import { COLUMN_SHIFT, MemoryLayout } from './layout/memory-layout.js';
import { ModuleBuilder } from './wasm/module.js';
import { webAssembly } from './wasm/webassembly.js';

/** Fewer columns are not transposed. */
export const MIN_PACKED_COLUMNS = 4;

/**
 * Makes row-major values of columns of float32, as tensors want them: four columns of four rows at a time,
 * in WebAssembly, whose memory it all is in.
 */
export class RowPacker {
  readonly #columns: readonly Float32Array<ArrayBuffer>[];
  readonly #rows: Float32Array<ArrayBuffer>;
  readonly #pack: (rows: number) => void;

  /**
   * @param width columns, `MIN_PACKED_COLUMNS` at least
   * @param capacity rows at once, a multiple of four
   */
  constructor(
    readonly width: number,
    readonly capacity: number,
  ) {
    if (width < MIN_PACKED_COLUMNS || capacity % 4 !== 0) {
      throw new RangeError(`${width} columns of ${capacity} rows cannot be packed`);
    }
    const layout = new MemoryLayout();
    const columns = Array.from({ length: width }, () =>
      layout.reserve(4 * capacity + COLUMN_SHIFT, 64),
    );
    const rows = layout.reserve(4 * capacity * width, 64);
    const builder = new ModuleBuilder();
    builder.function(packRows({ columns, rows }), 'pack');
    const module = new webAssembly.Module(builder.encode(layout.size));
    const { exports } = new webAssembly.Instance(module);
    const { buffer } = exports['memory'] as { readonly buffer: ArrayBuffer };
    this.#columns = columns.map((address) => new Float32Array(buffer, address, capacity));
    this.#rows = new Float32Array(buffer, rows, capacity * width);
    this.#pack = exports['pack'] as (rows: number) => void;
  }

  /** Where the values of a column go, one for each row up to the capacity. */
  column(index: number): Float32Array<ArrayBuffer> | undefined {
    return this.#columns[index];
  }

  /** All rows that there is room for: what `pack` has made lies at their beginning. */
  get rows(): Float32Array<ArrayBuffer> {
    return this.#rows;
  }

  /** Makes rows of the first values of all columns. */
  pack(rows: number): void {
    if (rows > 0) this.#pack(rows);
  }
}
