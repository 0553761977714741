import { mixes, type NodeView, type OperatorRule, type RuleResult } from './node-view.js';
import { broadcast, rowsAxis, type Shape } from './tensor-facts.js';

/** Operators that multiply and add: matrix products, convolutions, recurrent networks, classic models. */

const SUMS = 'sums over the dimension that holds the rows of the call';
const PAIRS = 'combines each row of the call with every other';

const matMul: OperatorRule = (node) => product(node, 0, 1);
const matMulInteger: OperatorRule = (node) => product(node, 0, 1);
/** Quantized: a, its scale and zero point, b. */
const qLinearMatMul: OperatorRule = (node) => product(node, 0, 3);

function product(node: NodeView, left: number, right: number): RuleResult | undefined {
  const [a, b] = [node.shape(left), node.shape(right)];
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return undefined;
  const [rowsA, rowsB] = [node.rowsAxis(left), node.rowsAxis(right)];
  if (rowsA === a.length - 1) return mixes(SUMS);
  if (rowsB !== undefined && rowsB === Math.max(0, b.length - 2)) return mixes(SUMS);
  const outer = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  const m = a.length > 1 ? a.slice(-2, -1) : [];
  const n = b.length > 1 ? b.slice(-1) : [];
  const shape = [...outer, ...m, ...n];
  if (rowsA !== undefined && rowsB !== undefined && rowsAxis(shape) === undefined) {
    return mixes(PAIRS);
  }
  return [{ shape }];
}

const gemm: OperatorRule = (node) => {
  const turned = (shape: Shape | undefined, flag: string): Shape | undefined =>
    node.int(flag, 0) === 1 ? shape?.toReversed() : shape;
  const [a, b] = [turned(node.shape(0), 'transA'), turned(node.shape(1), 'transB')];
  if (a?.length !== 2 || b?.length !== 2) return undefined;
  const [m, inner] = a;
  const [innerB, n] = b;
  const [fromA, fromB] = [node.input(0).fromRows, node.input(1).fromRows];
  if ((fromA && inner === 'rows') || (fromB && innerB === 'rows')) return mixes(SUMS);
  if (fromA && fromB && m === 'rows' && n === 'rows') return mixes(PAIRS);
  return [{ shape: [m ?? '?', n ?? '?'] }];
};

/** Each letter of the equation is a dimension; those that the result lacks are summed over. */
const einsum: OperatorRule = (node) => {
  const equation = node.text('equation', '').replaceAll(' ', '');
  const [left = '', result] = equation.split('->');
  if (result === undefined || equation.includes('.')) return undefined;
  let rowLetter: string | undefined;
  for (const [index, letters] of left.split(',').entries()) {
    const axis = node.rowsAxis(index);
    if (axis === undefined) {
      if (node.input(index).fromRows) return undefined;
      continue;
    }
    const letter = letters[axis] ?? '';
    if (!result.includes(letter)) return mixes(SUMS);
    if (rowLetter !== undefined && rowLetter !== letter) return mixes(PAIRS);
    rowLetter = letter;
  }
  return [{ shape: result.split('').map((letter) => (letter === rowLetter ? 'rows' : '?')) }];
};

/** Samples are the first dimension, channels the second; the others are open after it. */
const convolution: OperatorRule = (node) => {
  const shape = node.shape(0);
  const axis = node.rowsAxis(0);
  if (shape === undefined || axis === undefined) return undefined;
  if (axis === 1) return mixes('sums over channels, in whose dimension the rows of the call are');
  return axis === 0 ? [{ shape: ['rows', ...shape.slice(1).map(() => '?' as const)] }] : undefined;
};

/** Pools over the dimensions after sample and channel. */
const pooling: OperatorRule = (node) => {
  const shape = node.shape(0);
  const axis = node.rowsAxis(0);
  if (shape === undefined || axis === undefined) return undefined;
  if (axis > 1) {
    return node.node.op.startsWith('Global')
      ? mixes(`pools over dimension ${axis}, which holds the rows of the call`)
      : undefined;
  }
  const pooled = shape.map((dim, index) => (index < 2 ? dim : '?'));
  return node.node.outputs.map(() => ({ shape: pooled }));
};

/** X is [steps, samples, features], or with layout 1 [samples, steps, features]. */
const recurrent: OperatorRule = (node) => {
  const axis = node.rowsAxis(0);
  if (axis === undefined) return undefined;
  const [steps, samples] = node.int('layout', 0) === 1 ? [1, 0] : [0, 1];
  if (axis === steps) {
    return mixes(
      `takes dimension ${steps}, which holds the rows of the call, for the steps of one sequence`,
    );
  }
  if (axis !== samples) return undefined;
  // Y is [steps, directions, samples, hidden], the states [directions, samples, hidden].
  return samples === 1
    ? [
        { shape: ['?', '?', 'rows', '?'] },
        { shape: ['?', 'rows', '?'] },
        { shape: ['?', 'rows', '?'] },
      ]
    : [
        { shape: ['rows', '?', '?', '?'] },
        { shape: ['rows', '?', '?'] },
        { shape: ['rows', '?', '?'] },
      ];
};

/** A model of scikit-learn's kind: [N, features], or [N], to [N, values]. */
const classic: OperatorRule = (node) =>
  node.rowsAxis(0) === 0 ? [{ shape: ['rows', '?'] }] : undefined;

/** A label for each row, and scores. */
const classifier: OperatorRule = (node) =>
  node.rowsAxis(0) === 0 ? [{ shape: ['rows'] }, { shape: ['rows', '?'] }] : undefined;

const CLASSIC = 'TreeEnsembleRegressor TreeEnsemble LinearRegressor SVMRegressor';
const CLASSIFIERS = 'TreeEnsembleClassifier LinearClassifier SVMClassifier';

export const productRules: Readonly<Record<string, OperatorRule>> = {
  MatMul: matMul,
  MatMulInteger: matMulInteger,
  'com.microsoft:MatMulIntegerToFloat': matMulInteger,
  QLinearMatMul: qLinearMatMul,
  Gemm: gemm,
  Einsum: einsum,
  Conv: convolution,
  ConvInteger: convolution,
  ConvTranspose: convolution,
  QLinearConv: convolution,
  AveragePool: pooling,
  MaxPool: pooling,
  LpPool: pooling,
  GlobalAveragePool: pooling,
  GlobalMaxPool: pooling,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  ...Object.fromEntries(CLASSIC.split(' ').map((name) => [`ai.onnx.ml:${name}`, classic])),
  ...Object.fromEntries(CLASSIFIERS.split(' ').map((name) => [`ai.onnx.ml:${name}`, classifier])),
};
