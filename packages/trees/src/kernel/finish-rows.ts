import type { Finish, Label, PostTransform, Value } from '../ensemble/finish.js';
import type { MemoryLayout } from '../layout/memory-layout.js';
import { type Expression, f32, i32, i64, type Local, select } from '../wasm/expressions.js';
import { FunctionBody } from '../wasm/function-body.js';
import type { BlockMemory } from './bit-step.js';
import { exponential } from './exponential.js';

/** Where the results of all rows are. */
export interface ResultMemory {
  /** Floats, row by row: one for each value of the finish. */
  readonly scores: number;
  /** Of each row 8 bytes: the label, or its index among those that are texts. */
  readonly labels: number;
}

/** Below this distance from zero, SOFTMAX_ZERO takes a value for zero. */
const ZERO = 1e-7;
const LOWEST = -3.4028234663852886e38;

/**
 * A function that makes scores and labels of the sums of a block. Parameters: the number of the
 * block's first row, and how many rows it has.
 */
export function finishRows(
  finish: Finish,
  memory: MemoryLayout,
  block: BlockMemory,
  result: ResultMemory,
): FunctionBody {
  const body = new FunctionBody(2);
  const [first, count] = body.parameters as [Local, Local];
  const [sums, end, scores, label] = body.locals(4, 'i32') as [Local, Local, Local, Local];
  const width = finish.values.length;
  const postTransform = transformFor(finish, body, memory);
  const labelOf =
    finish.label === undefined ? undefined : labelWriter(finish.label, body, memory, label);
  body.set(sums, 0);
  body.set(end, i32.shiftLeft(count, 2));
  body.set(scores, i32.multiply(first, 4 * width));
  body.add(scores, result.scores);
  body.set(label, i32.add(i32.shiftLeft(first, 3), result.labels));
  body.loop(
    () => {
      for (const [k, value] of finish.values.entries()) {
        const made = valueOf(value, finish.divisor, (target) =>
          f32.load(sums, block.sums + target * block.sumStride),
        );
        body.run(f32.store(scores, made, 4 * k));
      }
      labelOf?.(scores);
      postTransform?.(scores);
      body.add(scores, 4 * width);
      body.add(label, 8);
      body.add(sums, 4);
    },
    i32.notEqual(sums, end),
  );
  return body;
}

function valueOf(
  { target, base, form }: Value,
  divisor: number,
  sumOf: (target: number) => Expression,
): Expression {
  let value = target === undefined ? f32.constant(base ?? 0) : sumOf(target);
  if (divisor !== 1) value = f32.divide(value, f32.constant(divisor));
  if (target !== undefined && base !== undefined) value = f32.add(value, f32.constant(base));
  switch (form) {
    case 'plain':
      return value;
    case 'negated':
      return f32.negate(value);
    case 'one-minus':
      return f32.subtract(f32.constant(1), value);
    default:
      return form satisfies never;
  }
}

/** Code that writes the label by the values at an address. */
function labelWriter(
  { rule, labels }: Label,
  body: FunctionBody,
  memory: MemoryLayout,
  label: Local,
): (scores: Local) => void {
  // Texts are distinguished by their index.
  const values = labels.map((value, i) => (typeof value === 'bigint' ? value : BigInt(i)));
  const table = memory.place(BigInt64Array.from(values), 8);
  const best = body.local('i32');
  const write = (index: Expression | Local): void => {
    body.run(i64.store(label, i64.load(i32.shiftLeft(index, 3), table)));
  };
  if (rule.kind === 'above') {
    const { value, threshold } = rule;
    return (scores) => write(f32.greater(f32.load(scores, 4 * value), f32.constant(threshold)));
  }
  const [start = 0, ...others] = rule.values;
  const [greatest, value] = body.locals(2, 'f32') as [Local, Local];
  const above = body.local('i32');
  return (scores) => {
    body.set(best, start);
    body.set(greatest, f32.load(scores, 4 * start));
    for (const k of others) {
      body.set(value, f32.load(scores, 4 * k));
      body.set(above, f32.greater(value, greatest));
      body.set(best, select(k, best, above));
      body.set(greatest, select(value, greatest, above));
    }
    write(best);
  };
}

/** Code that transforms the values at an address where they are. */
function transformFor(
  { post, values }: Pick<Finish, 'post' | 'values'>,
  body: FunctionBody,
  memory: MemoryLayout,
): ((scores: Local) => void) | undefined {
  const transforms: Readonly<Record<PostTransform, (() => (scores: Local) => void) | undefined>> = {
    NONE: undefined,
    LOGISTIC: () => logistic(body, memory, values.length),
    SOFTMAX: () => softmax(body, memory, values.length, false),
    SOFTMAX_ZERO: () => softmax(body, memory, values.length, true),
  };
  return transforms[post]?.();
}

/** 1 / (1 + e^-|x|), and one minus that for a negative x. */
function logistic(
  body: FunctionBody,
  memory: MemoryLayout,
  width: number,
): (scores: Local) => void {
  const exp = exponential(body, memory);
  const [value, power] = body.locals(2, 'f32') as [Local, Local];
  const one = f32.constant(1);
  return (scores) => {
    for (let k = 0; k < width; k++) {
      body.set(value, f32.load(scores, 4 * k));
      exp(power, f32.negate(f32.absolute(value)));
      body.set(power, f32.divide(one, f32.add(one, power)));
      const negative = f32.less(value, f32.constant(0));
      const result = select(f32.subtract(one, power), power, negative);
      body.run(f32.store(scores, result, 4 * k));
    }
  };
}

/**
 * Powers of e of the distances from the greatest value, over their sum.
 * @param keepZeros whether values that are almost zero are scaled like the others, but not counted
 */
function softmax(
  body: FunctionBody,
  memory: MemoryLayout,
  width: number,
  keepZeros: boolean,
): (scores: Local) => void {
  const exp = exponential(body, memory);
  const [greatest, sum, value, power, ofZero] = body.locals(5, 'f32') as [
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  return (scores) => {
    body.set(greatest, f32.constant(LOWEST));
    for (let k = 0; k < width; k++) {
      body.set(value, f32.load(scores, 4 * k));
      body.set(greatest, select(value, greatest, f32.greater(value, greatest)));
    }
    body.set(sum, f32.constant(0));
    if (keepZeros) exp(ofZero, f32.negate(greatest));
    for (let k = 0; k < width; k++) {
      body.set(value, f32.load(scores, 4 * k));
      exp(power, f32.subtract(value, greatest));
      if (!keepZeros) {
        body.set(sum, f32.add(sum, power));
        body.run(f32.store(scores, power, 4 * k));
        continue;
      }
      body.run(f32.store(scores, f32.multiply(value, ofZero), 4 * k));
      const above = f32.greater(value, f32.constant(ZERO));
      const below = f32.less(value, f32.constant(-ZERO));
      body.if(i32.or(above, below), () => {
        body.set(sum, f32.add(sum, power));
        body.run(f32.store(scores, power, 4 * k));
      });
    }
    for (let k = 0; k < width; k++) {
      body.run(f32.store(scores, f32.divide(f32.load(scores, 4 * k), sum), 4 * k));
    }
  };
}
