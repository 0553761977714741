import { ColumnTable } from '../layout/column-table.js';
import { GROUP_ROWS, GROUPS, MASK_BYTES, MaskColumn } from '../layout/mask-plan.js';
import {
  type WasmExpression,
  f32x4,
  i16x8,
  i32,
  i8x16,
  type Local,
  type Operand,
  v128,
} from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';
import { rankFinder } from './column-ranks.js';

const GROUP_BYTES = GROUP_ROWS * 4;
const SLOT_BYTES = MASK_BYTES * GROUPS;

/**
 * A function that makes the masks of one column for a block of rows: parameters are the address of
 * the column's descriptor, and that of the block's first value relative to the column's.
 *
 * A row whose value has rank r is above thresholds 0 to r-1: its bit is set in row r of a scratch
 * area, and a running OR from the last threshold down spreads it over all masks that it belongs to,
 * like the column of a thermometer. So a row costs the same however many thresholds there are, and
 * a threshold costs one OR for 128 rows.
 * @param steps comparisons that find a rank; 0: compare each threshold with each value
 * @param scratch address of zeros, 16 bytes for each threshold and 16 more
 */
export function thermometer(steps: number, scratch: number): FunctionBody {
  const body = new FunctionBody(2);
  const [descriptor, block] = body.parameters as [Local, Local];
  const [values, masks, group, count] = body.locals(4, 'i32') as [Local, Local, Local, Local];
  const [nan, above] = body.locals(2, 'v128') as [Local, Local];
  body.set(values, i32.add(i32.load(descriptor, ColumnTable.values), block));
  body.set(masks, i32.load(descriptor, MaskColumn.masks));
  body.set(count, i32.load(descriptor, ColumnTable.count));
  const byRank = steps === 0 ? undefined : spreadRanks(body, descriptor, steps, scratch);
  body.set(group, 0);
  body.loop(
    () => {
      body.set(nan, v128.ofByte(0));
      body.set(above, v128.ofByte(0));
      body.if(i32.load(descriptor, MaskColumn.nanMatters), () => {
        testRows(body, values, nan, (value) => f32x4.notEqual(value, value));
        body.if(i32.load(descriptor, MaskColumn.nanAbove), () => body.set(above, nan));
      });
      if (byRank === undefined) compareAll(body, { descriptor, values, masks, count, above });
      else byRank({ values, masks, count, above });
      addCopies(body, descriptor, group, nan);
      body.add(values, GROUP_BYTES);
      body.add(masks, MASK_BYTES);
      body.add(group, MASK_BYTES);
    },
    i32.notEqual(group, SLOT_BYTES),
  );
  return body;
}

/** Sets the bits of those of 128 rows whose value passes a test, beside those that are set. */
function testRows(
  body: FunctionBody,
  values: Local,
  mask: Local,
  test: (value: Operand) => WasmExpression,
): void {
  for (let bit = 0; bit < 8; bit++) {
    const four = (i: number): WasmExpression => test(v128.load(values, 64 * bit + 16 * i));
    const low = i16x8.narrowI32x4(four(0), four(1));
    const high = i16x8.narrowI32x4(four(2), four(3));
    const bytes = i8x16.narrowI16x8(low, high);
    body.set(mask, v128.or(mask, v128.and(bytes, v128.ofByte(1 << bit))));
  }
}

interface GroupLocals {
  readonly values: Local;
  readonly masks: Local;
  readonly count: Local;
  /** Rows that are above all thresholds. */
  readonly above: Local;
}

function compareAll(body: FunctionBody, group: GroupLocals & { readonly descriptor: Local }): void {
  const [threshold, mask, left] = body.locals(3, 'i32') as [Local, Local, Local];
  const [limit, rows] = body.locals(2, 'v128') as [Local, Local];
  body.set(threshold, i32.load(group.descriptor, ColumnTable.thresholds));
  body.set(mask, group.masks);
  body.set(left, group.count);
  body.loop(() => {
    body.set(limit, v128.loadSplat(threshold));
    body.set(rows, group.above);
    testRows(body, group.values, rows, (value) => f32x4.greater(value, limit));
    body.run(v128.store(mask, rows));
    body.add(mask, SLOT_BYTES);
    body.add(threshold, 4);
    body.set(left, i32.subtract(left, 1));
  }, left);
}

function spreadRanks(
  body: FunctionBody,
  descriptor: Local,
  steps: number,
  scratch: number,
): (group: GroupLocals) => void {
  const finder = rankFinder(body, descriptor, steps);
  const ranks = body.locals(4, 'i32');
  const [address, place, mask] = body.locals(3, 'i32') as [Local, Local, Local];
  const running = body.local('v128');
  return ({ values, masks, count, above }) => {
    body.set(address, values);
    for (let bit = 0; bit < 8; bit++) {
      for (let first = 0; first < 16; first += 4) {
        finder.find(address, ranks);
        for (const [i, rank] of ranks.entries()) {
          const at = scratch + first + i;
          body.set(place, i32.shiftLeft(rank, 4));
          body.run(i32.store8(place, i32.or(i32.load8(place, at), 1 << bit), at));
        }
        body.add(address, 16);
      }
    }
    body.set(running, above);
    body.set(place, i32.shiftLeft(count, 4));
    body.set(mask, i32.add(masks, i32.multiply(i32.subtract(count, 1), SLOT_BYTES)));
    body.loop(() => {
      body.set(running, v128.or(running, v128.load(place, scratch)));
      body.run(v128.store(place, v128.ofByte(0), scratch), v128.store(mask, running));
      body.add(mask, -SLOT_BYTES);
      body.add(place, -16);
    }, place);
    body.run(v128.store(scratch, v128.ofByte(0)));
  };
}

/** Masks for nodes that have NaN on the right, where others of the column have it on the left. */
function addCopies(body: FunctionBody, descriptor: Local, group: Local, nan: Local): void {
  const [pair, end, from] = body.locals(3, 'i32') as [Local, Local, Local];
  body.set(pair, i32.load(descriptor, MaskColumn.pairs));
  body.set(end, i32.shiftLeft(i32.load(descriptor, MaskColumn.copies), 3));
  body.if(end, () => {
    body.add(end, pair);
    body.loop(
      () => {
        body.set(from, i32.add(i32.load(pair), group));
        const mask = v128.or(v128.load(from), nan);
        body.run(v128.store(i32.add(i32.load(pair, 4), group), mask));
        body.add(pair, 8);
      },
      i32.notEqual(pair, end),
    );
  });
}
