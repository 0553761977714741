import type { OnnxNode, OnnxTensor } from './onnx-graph.js';

/** What is known of a tensor. */
export interface InferredValue {
  readonly shape: readonly number[];
  /** Values of a short integer tensor, such as a shape. */
  readonly ints?: readonly number[] | undefined;
  /** It does not depend on the rows: computed once, or not at all. */
  readonly constant?: boolean;
}

export const constantOf = ({ shape, integers }: OnnxTensor): InferredValue => ({
  shape,
  ints: integers,
  constant: true,
});

/** What is known of the inputs of a node; undefined where nothing is, or where one is left out. */
export type Inputs = readonly (InferredValue | undefined)[];

/**
 * The outputs of a node, as far as can be found without running it: shapes, and the values of the
 * small integer tensors that shapes are computed from in exported models.
 * @returns undefined where the shape cannot be determined.
 */
export function inferOutputs(
  node: OnnxNode,
  inputs: Inputs,
): readonly (InferredValue | undefined)[] {
  const [x, y] = inputs;
  const constant = inputs.every((input) => input === undefined || input.constant === true);
  const of = (shape: readonly number[] | undefined, ints?: readonly number[]): Inputs =>
    shape === undefined
      ? []
      : [{ shape, ints: ints?.length === count(shape) ? ints : undefined, constant }];
  const known = RULES[node.op]?.(node, inputs, of);
  if (known !== undefined) return known;
  if (x === undefined) return y === undefined ? [] : of(y.shape);
  return of(broadcast(inputs.flatMap((input) => (input === undefined ? [] : [input.shape]))));
}

type Of = (shape: readonly number[] | undefined, ints?: readonly number[]) => Inputs;
type Rule = (node: OnnxNode, inputs: Inputs, of: Of) => Inputs;

const int = (node: OnnxNode, name: string, otherwise: number): number =>
  node.attributes.get(name)?.int ?? otherwise;

const intsOf = (node: OnnxNode, name: string): readonly number[] | undefined =>
  node.attributes.get(name)?.ints;

export const count = (shape: readonly number[]): number =>
  shape.reduce((product, dim) => product * dim, 1);

/** `axis` counted from the end where it is negative. */
const at = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const matrices: Rule = (node, inputs, of) => {
  const [a, b] = [inputs[0], inputs[node.op === 'QLinearMatMul' ? 3 : 1]];
  if (a === undefined || b === undefined) return [];
  const batch = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  return of([...batch, ...a.shape.slice(-2, -1), ...(b.shape.length > 1 ? b.shape.slice(-1) : [])]);
};

const gemm: Rule = (node, [a, b], of) => {
  if (a === undefined || b === undefined) return [];
  const [rows] = int(node, 'transA', 0) === 0 ? a.shape : a.shape.toReversed();
  const [, columns] = int(node, 'transB', 0) === 0 ? b.shape : b.shape.toReversed();
  return of([rows ?? 1, columns ?? 1]);
};

const convolution: Rule = (node, inputs, of) => {
  const [x, w] = [inputs[0], inputs[node.op === 'QLinearConv' ? 3 : 1]];
  if (x === undefined || w === undefined) return [];
  return of([
    x.shape[0] ?? 1,
    w.shape[0] ?? 1,
    ...spatial(node, x.shape.slice(2), w.shape.slice(2)),
  ]);
};

const pooling: Rule = (node, [x], of) =>
  (x &&
    of([
      ...x.shape.slice(0, 2),
      ...spatial(node, x.shape.slice(2), intsOf(node, 'kernel_shape') ?? []),
    ])) ||
  [];

function spatial(node: OnnxNode, sizes: readonly number[], kernel: readonly number[]): number[] {
  const { length } = sizes;
  const same = node.attributes.get('auto_pad')?.text?.startsWith('SAME') === true;
  return sizes.map((size, axis) => {
    const stride = intsOf(node, 'strides')?.[axis] ?? 1;
    if (same) return Math.ceil(size / stride);
    const pads = (intsOf(node, 'pads')?.[axis] ?? 0) + (intsOf(node, 'pads')?.[axis + length] ?? 0);
    const reach = ((kernel[axis] ?? 1) - 1) * (intsOf(node, 'dilations')?.[axis] ?? 1) + 1;
    return Math.max(1, Math.floor((size + pads - reach) / stride) + 1);
  });
}

const reshape: Rule = (_node, [x, target], of) => {
  if (x === undefined || target?.ints === undefined)
    return x === undefined ? [] : of([count(x.shape)]);
  const dims = target.ints.map((dim, axis) => (dim === 0 ? (x.shape[axis] ?? 1) : dim));
  const rest = dims.reduce((product, dim) => (dim < 0 ? product : product * dim), 1);
  return of(
    dims.map((dim) => (dim < 0 ? count(x.shape) / Math.max(1, rest) : dim)),
    x.ints,
  );
};

const transpose: Rule = (node, [x], of) => {
  if (x === undefined) return [];
  const order = intsOf(node, 'perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  return of(order.map((axis) => x.shape[axis] ?? 1));
};

const unsqueeze: Rule = (node, [x, given], of) => {
  const axes = given?.ints ?? intsOf(node, 'axes');
  if (x === undefined || axes === undefined) return [];
  const rank = x.shape.length + axes.length;
  const added = new Set(axes.map((axis) => at(axis, rank)));
  let next = 0;
  return of(
    Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (x.shape[next++] ?? 1))),
    x.ints,
  );
};

const squeeze: Rule = (node, [x, given], of) => {
  if (x === undefined) return [];
  const axes = given?.ints ?? intsOf(node, 'axes');
  const gone = axes && new Set(axes.map((axis) => at(axis, x.shape.length)));
  return of(
    x.shape.filter((dim, axis) => (gone === undefined ? dim !== 1 : !gone.has(axis))),
    x.ints,
  );
};

const gather: Rule = (node, [x, index], of) => {
  if (x === undefined || index === undefined) return [];
  const axis = at(int(node, 'axis', 0), x.shape.length);
  const { ints } = x;
  const picked = ints && index.ints?.map((i) => ints[at(i, ints.length)] ?? 0);
  return of([...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)], picked);
};

const concat: Rule = (node, inputs, of) => {
  const known = inputs.filter((input) => input !== undefined);
  const [first] = known;
  if (first === undefined || known.length < inputs.length) return [];
  const axis = at(int(node, 'axis', 0), first.shape.length);
  const sum = known.reduce((total, { shape }) => total + (shape[axis] ?? 0), 0);
  const ints = known.flatMap((input) => input.ints ?? [Number.NaN]);
  return of(first.shape.toSpliced(axis, 1, sum), ints.includes(Number.NaN) ? undefined : ints);
};

const slice: Rule = (node, [x, ...given], of) => {
  if (x === undefined) return [];
  const [starts, ends] = [
    given[0]?.ints ?? intsOf(node, 'starts'),
    given[1]?.ints ?? intsOf(node, 'ends'),
  ];
  if (starts === undefined || ends === undefined) return of(x.shape);
  const axes = given[2]?.ints ?? intsOf(node, 'axes') ?? starts.map((_, axis) => axis);
  const shape = [...x.shape];
  let { ints } = x;
  for (const [k, axis] of axes.entries()) {
    const size = shape[at(axis, shape.length)] ?? 1;
    const limit = (index: number): number =>
      Math.max(0, Math.min(size, index < 0 ? index + size : index));
    const [from, to] = [limit(starts[k] ?? 0), limit(ends[k] ?? size)];
    const step = given[3]?.ints?.[k] ?? 1;
    shape[at(axis, shape.length)] = Math.max(0, Math.ceil((to - from) / Math.abs(step)));
    ints = step === 1 ? ints?.slice(from, to) : undefined;
  }
  return of(shape, ints);
};

const reduce: Rule = (node, [x, given], of) => {
  if (x === undefined) return [];
  const single = node.op.startsWith('Arg') ? [int(node, 'axis', 0)] : undefined;
  const axes = single ?? given?.ints ?? intsOf(node, 'axes') ?? x.shape.map((_, axis) => axis);
  const reduced = new Set(axes.map((axis) => at(axis, x.shape.length)));
  const kept = int(node, 'keepdims', 1) !== 0;
  return of(x.shape.flatMap((dim, axis) => (reduced.has(axis) ? (kept ? [1] : []) : [dim])));
};

const flatten: Rule = (node, [x], of) => {
  if (x === undefined) return [];
  const axis = at(int(node, 'axis', 1), x.shape.length);
  return of([count(x.shape.slice(0, axis)), count(x.shape.slice(axis))]);
};

const split: Rule = (node, [x, given], of) => {
  if (x === undefined) return [];
  const axis = at(int(node, 'axis', 0), x.shape.length);
  const outputs = node.outputs.length;
  const sizes = given?.ints ?? intsOf(node, 'split');
  return Array.from({ length: outputs }, (_, k) => {
    const size = sizes?.[k] ?? Math.ceil((x.shape[axis] ?? 1) / outputs);
    return of(x.shape.toSpliced(axis, 1, size))[0];
  });
};

const expand: Rule = (_node, [x, target], of) =>
  x === undefined
    ? []
    : of(target?.ints === undefined ? x.shape : broadcast([x.shape, target.ints]));

const tile: Rule = (_node, [x, repeats], of) =>
  x === undefined ? [] : of(x.shape.map((dim, axis) => dim * (repeats?.ints?.[axis] ?? 1)));

const shapeOf: Rule = (node, [x]) => {
  if (x === undefined) return [];
  const ints = x.shape.slice(int(node, 'start', 0), node.attributes.get('end')?.int);
  return [{ shape: [ints.length], ints, constant: true }];
};

const constantNode: Rule = (node) => {
  const value = node.attributes.get('value')?.tensor;
  if (value !== undefined) return [constantOf(value)];
  const one = node.attributes.get('value_int')?.int;
  const several = intsOf(node, 'value_ints');
  if (several !== undefined) return [{ shape: [several.length], ints: several, constant: true }];
  return [{ shape: [], ints: one === undefined ? undefined : [one], constant: true }];
};

const filled: Rule = (_node, [target], of) => (target?.ints === undefined ? [] : of(target.ints));

/** Calculates with two integer tensors, one of which may be a single number. */
const calculate: Rule = (node, inputs, of) => {
  const [a, b] = inputs;
  if (a === undefined || b === undefined) return [];
  const shape = broadcast([a.shape, b.shape]);
  const operation = OPERATIONS[node.op];
  if (a.ints === undefined || b.ints === undefined || operation === undefined) return of(shape);
  const [left, right] = [a.ints, b.ints];
  return of(
    shape,
    Array.from({ length: count(shape) }, (_, k) =>
      operation(left[k % left.length] ?? 0, right[k % right.length] ?? 0),
    ),
  );
};

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => Math.trunc(a / b),
  Max: Math.max,
  Min: Math.min,
};

const unchanged: Rule = (_node, [x], of) => (x === undefined ? [] : of(x.shape, x.ints));

/** X [steps, batch, width], R [directions, gates, hidden]. */
const recurrent: Rule = (_node, [x, , r], of) => {
  if (x === undefined || r === undefined) return [];
  const [steps = 1, batch = 1] = x.shape;
  const [directions = 1, , hidden = 1] = r.shape;
  const last = of([directions, batch, hidden])[0];
  return [of([steps, directions, batch, hidden])[0], last, last];
};

/** Attention of `com.microsoft`: input [batch, steps, width], weights [width, 3 x hidden]. */
const attention: Rule = (node, [x, w], of) => {
  if (x === undefined) return [];
  const hidden =
    node.op === 'Attention' && w !== undefined ? (w.shape[1] ?? 3) / 3 : x.shape.at(-1);
  return of([...x.shape.slice(0, -1), hidden ?? 1]);
};

const globalPool: Rule = (_node, [x], of) =>
  x === undefined ? [] : of(x.shape.map((dim, axis) => (axis < 2 ? dim : 1)));

const RULES: Readonly<Record<string, Rule>> = {
  MatMul: matrices,
  MatMulInteger: matrices,
  QLinearMatMul: matrices,
  FusedMatMul: matrices,
  MatMulNBits: (node, [x], of) =>
    x === undefined ? [] : of([...x.shape.slice(0, -1), int(node, 'N', 1)]),
  Gemm: gemm,
  FusedGemm: gemm,
  Conv: convolution,
  FusedConv: convolution,
  ConvInteger: convolution,
  QLinearConv: convolution,
  MaxPool: pooling,
  AveragePool: pooling,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  Attention: attention,
  MultiHeadAttention: attention,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  Reshape: reshape,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Gather: gather,
  Concat: concat,
  Slice: slice,
  Flatten: flatten,
  Split: split,
  Expand: expand,
  Tile: tile,
  Shape: shapeOf,
  Constant: constantNode,
  ConstantOfShape: filled,
  Add: calculate,
  Sub: calculate,
  Mul: calculate,
  Div: calculate,
  Max: calculate,
  Min: calculate,
  Cast: unchanged,
  Identity: unchanged,
  ArgMax: reduce,
  ArgMin: reduce,
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceSumSquare: reduce,
  ReduceLogSumExp: reduce,
};

/** The shape that tensors of these shapes are stretched to. */
function broadcast(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...shapes.map((shape) => shape[axis - rank + shape.length] ?? 1)),
  );
}
