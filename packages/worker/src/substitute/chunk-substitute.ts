import type { BoundFeature } from '@shardmill/core';
import { CHUNK_ROWS } from '../duckdb/raw-vector.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { FeedPool } from '../scan/batch-builder.js';
import type { ColumnView } from '../scan/column-view.js';
import { packColumn } from '../scan/pack-column.js';
import { type ChunkRows, KernelColumns } from './kernel-columns.js';
import { codedTensors, type Substitute } from './substitute.js';

/** Scores chunks of DuckDB's by a substitute of the model: packs their rows, and runs it. */
export class ChunkSubstitute {
  readonly #columns: KernelColumns | undefined;
  /** Tensors of the features that are needed as such. */
  readonly #tensors: readonly (BatchTensor | undefined)[];
  #feeds: readonly BatchTensor[] = [];

  constructor(
    readonly substitute: Substitute,
    readonly features: readonly BoundFeature[],
  ) {
    const { trees } = substitute;
    // A chunk must fit into the kernel's columns.
    const fits = trees !== undefined && trees.capacity >= CHUNK_ROWS;
    this.#columns = fits ? KernelColumns.open(substitute, features) : undefined;
    const needed = this.#columns?.tensors ?? neededInputs(substitute);
    const pool = new FeedPool(features, CHUNK_ROWS).take();
    this.#tensors = features.map(({ input }, index) =>
      needed === undefined || needed.includes(input) ? pool[index] : undefined,
    );
  }

  /** @throws whatever ONNX Runtime throws of what it makes before the trees */
  pack(chunk: ChunkRows): void {
    const { tables, plan } = this.substitute;
    const places = tables?.encode(codesOf(this.features, tables.inputs, chunk)) ?? NONE;
    this.#packTensors(chunk);
    const columns = this.#columns;
    const needed = columns && [...columns.tensors, ...(plan.texts?.direct ?? [])];
    const coded = tables === undefined ? [] : codedTensors(tables, places, needed);
    const own = this.#tensors.filter((tensor) => tensor !== undefined);
    this.#feeds = [...own, ...coded];
    columns?.fill(chunk, places, prefix(this.#feeds, chunk.rows));
  }

  /** Scores the first rows that were packed. @throws whatever ONNX Runtime throws */
  run(rows: number, outputs: readonly string[]): BatchTensor[] {
    const { trees } = this.substitute;
    const feeds = prefix(this.#feeds, rows);
    if (this.#columns === undefined || trees === undefined) {
      return this.substitute.runCoded(feeds, rows, outputs);
    }
    return this.substitute.withDirect(feeds, outputs, (others) => trees.scoreColumns(rows, others));
  }

  #packTensors({ views, selection, total }: ChunkRows): void {
    let column = 0;
    for (const [index, feature] of this.features.entries()) {
      const target = this.#tensors[index]?.data;
      for (let element = 0; element < feature.columns.length; element++) {
        const view = views[column++];
        if (target === undefined || view === undefined) continue;
        packColumn(target, feature, element, 0, view, selection, 0, total);
      }
    }
  }
}

const NONE: ReadonlyMap<string, Int32Array> = new Map();

/** Inputs of the model that are tensors; undefined: all of them. */
function neededInputs({ plan, trees }: Substitute): readonly string[] | undefined {
  if (plan.texts === undefined) return undefined;
  if (trees === undefined) return plan.texts.rest?.inputs ?? [];
  return trees.kernel.before?.inputs;
}

/** The rows of tensors that have room for more. */
function prefix(feeds: readonly BatchTensor[], rows: number): BatchTensor[] {
  return feeds.map((feed) => {
    const { data, width } = feed;
    const length = rows * width;
    return {
      ...feed,
      data: Array.isArray(data) ? data.slice(0, length) : data.subarray(0, length),
    };
  });
}

/** Codes of the rows, by text input. */
function codesOf(
  features: readonly BoundFeature[],
  texts: ReadonlyMap<string, unknown>,
  { views, selection }: ChunkRows,
): ReadonlyMap<string, Int32Array> {
  const codes = new Map<string, Int32Array>();
  let column = 0;
  for (const { input, columns } of features) {
    const view: ColumnView | undefined = views[column];
    column += columns.length;
    if (view?.kind !== 'codes' || !texts.has(input)) continue;
    const all = view.codes;
    codes.set(input, selection === undefined ? all : selection.map((row) => all[row] ?? 0));
  }
  return codes;
}
