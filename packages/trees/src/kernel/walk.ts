import { ColumnTable } from '../layout/column-table.js';
import { RankColumn, WalkNode, type WalkPlan } from '../layout/walk-plan.js';
import { type Expression, f32, i32, type Local, select } from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';
import { rankFinder } from './column-ranks.js';

/**
 * Rows that are walked at the same time, so that the processor waits for several loads at once. All
 * functions here are asked for a multiple of it.
 */
export const TOGETHER = 8;
/** A tree of up to so many levels is walked to its full depth, without a check for the end. */
const MAX_FIXED_HEIGHT = 12;
const LEVELS_BETWEEN_LOOKS = 3;

/**
 * A function that finds the ranks of one column. Parameters: the address of the column's descriptor,
 * that of the block's first value relative to the column's, and how many rows.
 */
export function rankRows(steps: number, plan: WalkPlan): FunctionBody {
  const body = new FunctionBody(3);
  const [descriptor, block, rows] = body.parameters as [Local, Local, Local];
  const finder = rankFinder(body, descriptor, steps);
  const ranks = body.locals(4, 'i32');
  const [values, end, out, nanRank] = body.locals(4, 'i32') as [Local, Local, Local, Local];
  const value = body.local('f32');
  body.set(values, i32.add(i32.load(descriptor, ColumnTable.values), block));
  body.set(end, i32.add(values, i32.shiftLeft(rows, 2)));
  body.set(out, i32.add(i32.load(descriptor, RankColumn.place), plan.ranks));
  body.set(nanRank, i32.load(descriptor, RankColumn.nanRank));
  body.loop(
    () => {
      finder.find(values, ranks);
      for (const [i, rank] of ranks.entries()) {
        body.set(value, f32.load(values, 4 * i));
        body.run(i32.store16(out, select(rank, nanRank, f32.equal(value, value))));
        body.add(out, plan.rowBytes);
      }
      body.add(values, 16);
    },
    i32.notEqual(values, end),
  );
  return body;
}

/**
 * A function that walks one tree, and notes the address of the leaf that each row comes to.
 * Parameters: address of the root, the height of the tree, and how many rows.
 */
export function walkTree(plan: WalkPlan): FunctionBody {
  const body = new FunctionBody(3);
  const [root, height, rows] = body.parameters as [Local, Local, Local];
  const at = body.locals(TOGETHER, 'i32');
  const [row, out, left, moved] = body.locals(4, 'i32') as [Local, Local, Local, Local];
  const before = body.locals(TOGETHER, 'i32');
  const step = (i: number): Expression => {
    const node = at[i] ?? root;
    const place = i32.add(row, i32.load16(node, WalkNode.rank));
    const rank = i32.load16(place, plan.ranks + i * plan.rowBytes);
    const right = i32.greaterUnsigned(rank, i32.load16(node, WalkNode.threshold));
    return i32.add(i32.load(node, WalkNode.child), i32.shiftLeft(right, 3));
  };
  const stepAll = (): void => {
    for (const [i, node] of at.entries()) body.set(node, step(i));
  };
  body.set(row, 0);
  body.set(out, 0);
  body.loop(
    () => {
      for (const node of at) body.set(node, root);
      body.set(left, height);
      body.if(i32.lessUnsigned(i32.subtract(height, 1), MAX_FIXED_HEIGHT), () => {
        body.loop(() => {
          stepAll();
          body.set(left, i32.subtract(left, 1));
        }, left);
      });
      body.if(i32.greaterUnsigned(height, MAX_FIXED_HEIGHT), () => {
        body.loop(() => {
          for (let level = 1; level < LEVELS_BETWEEN_LOOKS; level++) stepAll();
          for (const [i, node] of at.entries()) body.set(before[i] ?? node, node);
          stepAll();
          body.set(moved, 0);
          for (const [i, node] of at.entries()) {
            body.set(moved, i32.or(moved, i32.xor(node, before[i] ?? node)));
          }
        }, moved);
      });
      for (const [i, node] of at.entries()) body.run(i32.store(out, node, plan.leaves + 4 * i));
      body.add(row, TOGETHER * plan.rowBytes);
      body.add(out, 4 * TOGETHER);
    },
    i32.notEqual(out, i32.shiftLeft(rows, 2)),
  );
  return body;
}

/**
 * A function that adds the weights of the leaves that were noted to the sums of one target.
 * Parameters: what to add to half of a leaf's address, the address of the sums, and how many rows.
 */
export function addLeafWeights(plan: WalkPlan): FunctionBody {
  const body = new FunctionBody(3);
  const [weights, sums, rows] = body.parameters as [Local, Local, Local];
  const row = body.local('i32');
  const sum = body.local('i32');
  body.set(row, 0);
  body.loop(
    () => {
      for (let i = 0; i < 4; i++) {
        const leaf = i32.load(row, plan.leaves + 4 * i);
        const weight = f32.load(i32.add(weights, i32.shiftRight(leaf, 1)));
        body.set(sum, i32.add(sums, row));
        body.run(f32.store(sum, f32.add(f32.load(sum, 4 * i), weight), 4 * i));
      }
      body.add(row, 16);
    },
    i32.notEqual(row, i32.shiftLeft(rows, 2)),
  );
  return body;
}
