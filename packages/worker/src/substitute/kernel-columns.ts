import type { BoundFeature } from '@shardmill/core';
import type { NumberArray } from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import type { SyncSession } from '../onnx/sync-session.js';
import type { ColumnView } from '../scan/column-view.js';
import { packColumn } from '../scan/pack-column.js';
import type { TablePlaces } from '../text-tables/text-tables.js';
import type { TreeSession } from '../tree-kernel/tree-session.js';
import type { Substitute } from './substitute.js';

/** Where the values of one of the kernel's columns come from. */
type Source =
  | { readonly kind: 'feature'; readonly feature: BoundFeature; readonly view: number }
  | { readonly kind: 'table'; readonly tensor: string; readonly element: number }
  | { readonly kind: 'made'; readonly tensor: string; readonly element: number };

interface Column {
  readonly target: Float32Array<ArrayBuffer>;
  readonly source: Source;
}

/** Rows of a chunk that are to be scored. */
export interface ChunkRows {
  readonly views: readonly ColumnView[];
  readonly selection: Int32Array | undefined;
  /** Of the chunk. */
  readonly total: number;
  /** Of the selection. */
  readonly rows: number;
}

/**
 * Writes columns into those of a tree kernel: scanned ones as they are, what encoders make of texts
 * from their tables, and what ONNX Runtime has to make before the trees. There is no tensor of all
 * that goes into the trees.
 */
export class KernelColumns {
  #columns: readonly Column[] | undefined;
  readonly #made: SyncSession | undefined;

  private constructor(
    readonly substitute: Substitute,
    readonly trees: TreeSession,
    readonly features: readonly BoundFeature[],
    readonly pieces: readonly string[],
  ) {
    const made = trees.kernel.pieces?.made;
    this.#made = made && substitute.load(made);
  }

  /** Undefined where it is not known what the rows of the trees are made of. */
  static open(
    substitute: Substitute,
    features: readonly BoundFeature[],
  ): KernelColumns | undefined {
    const { trees } = substitute;
    if (trees === undefined) return undefined;
    const { pieces, before, input } = trees.kernel;
    if (before !== undefined && pieces === undefined) return undefined;
    const names = pieces?.names ?? [input];
    const own = features.filter((feature) => names.includes(feature.input));
    // A list is no column, and a half float is not what a column has.
    if (own.some(({ layout, type }) => layout === 'list' || type === 'float16')) return undefined;
    return new KernelColumns(substitute, trees, features, names);
  }

  /** The inputs that have to be tensors all the same. */
  get tensors(): readonly string[] {
    return this.trees.kernel.pieces?.made?.inputs ?? [];
  }

  /**
   * @param places of the rows in the tables
   * @param feeds the tensors, of these rows
   * @throws whatever ONNX Runtime throws
   */
  fill(chunk: ChunkRows, places: TablePlaces, feeds: readonly BatchTensor[]): void {
    const { views, selection, total, rows } = chunk;
    const made = this.#runMade(feeds, rows);
    this.#columns ??= this.#plan(made);
    for (const { target, source } of this.#columns) {
      switch (source.kind) {
        case 'feature': {
          const view = views[source.view];
          if (view !== undefined)
            packColumn(target, source.feature, 0, 0, view, selection, 0, total);
          break;
        }
        case 'table': {
          const { tables } = this.substitute;
          const table = tables?.table(source.tensor);
          const own = places.get(source.tensor);
          if (table !== undefined && own !== undefined) lookUp(target, table, source.element, own);
          break;
        }
        case 'made': {
          const tensor = made.find(({ name }) => name === source.tensor);
          if (tensor !== undefined) spread(target, tensor, source.element, rows);
          break;
        }
        default: {
          const unknown: never = source;
          return unknown;
        }
      }
    }
  }

  #runMade(feeds: readonly BatchTensor[], rows: number): BatchTensor[] {
    const made = this.trees.kernel.pieces?.made;
    if (made === undefined || this.#made === undefined) return [];
    return this.#made.run(
      feeds.filter(({ name }) => made.inputs.includes(name)),
      rows,
      made.outputs,
    );
  }

  /** @throws where the pieces are not put together row by row */
  #plan(made: readonly BatchTensor[]): Column[] {
    const columns: Column[] = [];
    let place = 0;
    for (const name of this.pieces) {
      const sources = this.#sourcesOf(name, made);
      for (const source of sources) {
        const target = this.trees.column(place++);
        if (target !== undefined) columns.push({ target, source });
      }
    }
    const { program } = this.trees.kernel;
    if (columns.length !== program.columns.length) {
      throw new Error(`the trees look at ${program.columns.length} columns, not ${columns.length}`);
    }
    return columns;
  }

  #sourcesOf(name: string, made: readonly BatchTensor[]): Source[] {
    const elements = (width: number): number[] => Array.from({ length: width }, (_, i) => i);
    const table = this.substitute.tables?.table(name);
    if (table !== undefined) {
      requireFlat(name, table.rowShape);
      return elements(table.width).map((element) => ({ kind: 'table', tensor: name, element }));
    }
    const tensor = made.find((one) => one.name === name);
    if (tensor !== undefined) {
      requireFlat(name, tensor.rowShape);
      return elements(tensor.width).map((element) => ({ kind: 'made', tensor: name, element }));
    }
    let view = 0;
    for (const feature of this.features) {
      if (feature.input === name) {
        requireFlat(name, feature.rowShape);
        const single = { ...feature, width: 1 };
        return elements(feature.width).map((element) => ({
          kind: 'feature',
          feature: single,
          view: view + element,
        }));
      }
      view += feature.columns.length;
    }
    throw new Error(`there is no tensor "${name}"`);
  }
}

/** Others are put together otherwise than row behind row. */
function requireFlat(name: string, rowShape: readonly number[]): void {
  if (rowShape.length > 0 && rowShape.slice(0, -1).every((size) => size === 1)) return;
  throw new Error(`"${name}" has rows of the shape [${rowShape.join(', ')}]`);
}

interface Rows {
  readonly width: number;
  readonly data: BatchTensor['data'];
}

function lookUp(
  target: Float32Array,
  { width, data }: Rows & { readonly data: NumberArray },
  element: number,
  codes: Int32Array,
): void {
  if (data instanceof Float32Array) {
    for (let row = 0; row < codes.length; row++) {
      target[row] = data[(codes[row] ?? 0) * width + element] ?? 0;
    }
    return;
  }
  for (const [row, code] of codes.entries()) target[row] = Number(data[code * width + element]);
}

function spread(target: Float32Array, { width, data }: Rows, element: number, rows: number): void {
  for (let row = 0, at = element; row < rows; row++, at += width) target[row] = Number(data[at]);
}
