import { type Ensemble, isLeaf, leafWeight } from '../ensemble/ensemble.js';
import { GROUP_ROWS, GROUPS, MASK_BYTES } from '../layout/mask-plan.js';
import type { MemoryLayout } from '../layout/memory-layout.js';
import { BIT_BLOCK_ROWS, type TargetedTree } from '../layout/plan-steps.js';
import { f32, i32, type Local, type Operand, v128 } from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';
import type { BitTree } from './bit-tree.js';
import { transposeBits, type TransposeLocals, transposeLocals } from './bit-transpose.js';

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

/** Makes functions that add trees to the sums of a block of rows. */
export class BitSteps {
  /** Code of the transpose, by what it is for: it is the same for all trees. */
  readonly #transposes = new Map<string, Uint8Array>();

  constructor(
    readonly ensemble: Ensemble,
    readonly bitTree: BitTree,
    readonly memory: MemoryLayout,
    readonly block: BlockMemory,
  ) {}

  /** @param trees up to eight */
  make(trees: readonly TargetedTree[]): FunctionBody {
    const body = new FunctionBody();
    const locals = transposeLocals(body);
    const group = body.local('i32');
    const tables = trees.map((tree, i) => this.#addTree(body, locals, group, tree, i));
    for (const target of new Set(trees.flatMap(({ targets }) => targets))) {
      addWeights(body, { target, tables, block: this.block });
    }
    return body;
  }

  #addTree(
    body: FunctionBody,
    locals: TransposeLocals,
    group: Local,
    { root, targets }: TargetedTree,
    place: number,
  ): LeafTable {
    const { leaves, nodes } = this.ensemble;
    if (isLeaf(nodes, root)) {
      return { constant: targets.map((target) => leafWeight(leaves, root, target)), targets };
    }
    const planes = this.bitTree.choosePlanes(root);
    const shift = planes <= MAX_SCALED_PLANES ? 2 : 0;
    body.set(group, 0);
    body.set(locals.out, this.block.codes + place * BIT_BLOCK_ROWS);
    body.loop(
      () => {
        const bits = this.bitTree.emit(root, planes, body, group);
        for (const [q, bit] of bits.entries()) {
          const plane = locals.planes[q + shift];
          if (plane !== undefined) body.set(plane, planeOf(bit));
        }
        this.bitTree.release(planes);
        body.code.append(this.#transpose(shift, shift + planes));
        body.add(locals.out, GROUP_ROWS);
        body.add(group, MASK_BYTES);
      },
      i32.notEqual(group, MASK_BYTES * GROUPS),
    );
    const addresses = targets.map((target) => {
      const values = new Float32Array(2 ** planes);
      for (let code = 0; code < values.length; code++) {
        const leaf = this.bitTree.leafOf[code] ?? -1;
        if (leaf >= 0) values[code] = leafWeight(leaves, leaf, target);
      }
      return this.memory.place(values, 4);
    });
    return { targets, scaled: shift > 0, addresses };
  }

  #transpose(first: number, end: number): Uint8Array {
    const name = `${first} ${end}`;
    let code = this.#transposes.get(name);
    if (code === undefined) {
      const body = new FunctionBody();
      const locals = transposeLocals(body);
      const begin = body.code.length;
      transposeBits(body, locals, first, end);
      code = body.code.bytes.slice(begin);
      this.#transposes.set(name, code);
    }
    return code;
  }
}

function planeOf(bit: Local | 0 | 1): Operand {
  if (bit === 0) return v128.ofByte(0);
  return bit === 1 ? v128.ofByte(0xff) : bit;
}

/** What a tree adds, by the number of the leaf. */
interface LeafTable {
  readonly targets: readonly number[];
  /** Weights of a tree that is one leaf. */
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
  {
    target,
    tables,
    block,
  }: {
    readonly target: number;
    readonly tables: readonly LeafTable[];
    readonly block: BlockMemory;
  },
): void {
  const sums = block.sums + target * block.sumStride;
  const [row, address] = body.locals(2, 'i32') as [Local, Local];
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
  body.release(row, address);
}
