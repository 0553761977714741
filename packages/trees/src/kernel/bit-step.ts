import { type Ensemble, isLeaf, leafWeight } from '../ensemble/ensemble.js';
import { GROUP_ROWS, GROUPS, MASK_BYTES } from '../layout/mask-plan.js';
import type { MemoryLayout } from '../layout/memory-layout.js';
import { BIT_BLOCK_ROWS, type TargetedTree } from '../layout/plan-steps.js';
import { f32, i32, type Local } from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';
import type { BitTree } from './bit-tree.js';
import { lowerBlocks, transposeBits } from './bit-transpose.js';

/** Addresses of what the steps of a block share. */
export interface BlockMemory {
  /** Numbers of leaves: a byte for each tree of a step and row. */
  readonly codes: number;
  /** Sums: a float for each target and row. */
  readonly sums: number;
  /** Bytes from one target's sums to the next one's. */
  readonly sumStride: number;
}

/** Up to here a number is stored times four, and need not be scaled to find a float. */
const MAX_SCALED_PLANES = 6;

/** A function that adds up to eight trees to the sums of a block of rows. */
export function bitStep(
  { leaves, nodes }: Ensemble,
  trees: readonly TargetedTree[],
  bitTree: BitTree,
  memory: MemoryLayout,
  block: BlockMemory,
): FunctionBody {
  const body = new FunctionBody();
  const group = body.local('i32');
  const rows = body.local('i32');
  const blocks = lowerBlocks(body);
  const tables = trees.map(({ root, targets }, i): LeafTable => {
    if (isLeaf(nodes, root)) {
      return { constant: targets.map((target) => leafWeight(leaves, root, target)), targets };
    }
    const planes = bitTree.choosePlanes(root);
    const scale = planes <= MAX_SCALED_PLANES ? 2 : 0;
    const values = targets.map(() => new Float32Array(2 ** planes));
    body.set(group, 0);
    body.set(rows, 0);
    body.loop(
      () => {
        const bits = bitTree.emit(root, planes, { body, group }, (code, leaf) => {
          for (const [k, target] of targets.entries()) {
            const table = values[k];
            if (table !== undefined) table[code] = leafWeight(leaves, leaf, target);
          }
        });
        const zeros = Array.from({ length: scale }, () => 0 as const);
        const codes = block.codes + i * BIT_BLOCK_ROWS;
        transposeBits(body, [...zeros, ...bits], blocks, rows, codes);
        body.add(rows, GROUP_ROWS);
        body.add(group, MASK_BYTES);
      },
      i32.notEqual(group, MASK_BYTES * GROUPS),
    );
    return { targets, scaled: scale > 0, addresses: values.map((table) => memory.place(table, 4)) };
  });
  for (const target of new Set(trees.flatMap(({ targets }) => targets))) {
    addWeights(body, { target, tables, block, row: rows });
  }
  return body;
}

/** What a tree adds, by the number of the leaf. */
interface LeafTable {
  readonly targets: readonly number[];
  /** Of a tree that is one leaf: its weights. */
  readonly constant?: readonly number[];
  /** Of each target: where the weights are. */
  readonly addresses?: readonly number[];
  readonly scaled?: boolean;
}

const UNROLLED = 4;

/**
 * Adds the weights of a target, tree by tree for each row: additions in another order would give
 * other sums.
 */
function addWeights(
  body: FunctionBody,
  { target, tables, block, row }: {
    readonly target: number;
    readonly tables: readonly LeafTable[];
    readonly block: BlockMemory;
    readonly row: Local;
  },
): void {
  const sums = block.sums + target * block.sumStride;
  const address = body.local('i32');
  body.set(row, 0);
  body.set(address, 0);
  body.loop(
    () => {
      for (let i = 0; i < UNROLLED; i++) {
        let sum = f32.load(address, sums + 4 * i);
        for (const [tree, table] of tables.entries()) {
          const k = table.targets.indexOf(target);
          if (k < 0) continue;
          const constant = table.constant?.[k];
          if (constant !== undefined) {
            sum = f32.add(sum, f32.constant(constant));
            continue;
          }
          const code = i32.load8(row, block.codes + tree * BIT_BLOCK_ROWS + i);
          const offset = table.scaled === true ? code : i32.shiftLeft(code, 2);
          sum = f32.add(sum, f32.load(offset, table.addresses?.[k] ?? 0));
        }
        body.run(f32.store(address, sum, sums + 4 * i));
      }
      body.add(row, UNROLLED);
      body.add(address, 4 * UNROLLED);
    },
    i32.notEqual(row, BIT_BLOCK_ROWS),
  );
  body.release(address);
}
