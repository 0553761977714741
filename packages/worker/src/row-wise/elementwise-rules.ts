import { mixes, type NodeView, type OperatorRule } from './node-view.js';
import { broadcast, type Dim, productOf, type Shape } from './tensor-facts.js';

/** Operators that work on each element by itself. */

/** One input, and parameters that hold for all elements or for those of a dimension. */
const unary: OperatorRule = (node) =>
  node.node.outputs.map(() => ({ shape: node.shape(0), integers: undefined }));

/** The same elements in the same order: integers are known on. */
const unchanged: OperatorRule = (node) => [
  { shape: node.shape(0), integers: node.input(0).integers },
];

const broadcasting: OperatorRule = (node) => {
  const shapes: Shape[] = [];
  for (const input of node.inputs) {
    if (input === undefined) continue;
    if (input.shape === undefined) return undefined;
    shapes.push(input.shape);
  }
  const shape = broadcast(shapes);
  const fromRight = new Set(
    node.inputs.flatMap((input, index) => {
      const axis = node.rowsAxis(index);
      return axis === undefined || input?.shape === undefined ? [] : [input.shape.length - axis];
    }),
  );
  if (fromRight.size > 1) return mixes('combines each row of the call with every other');
  return [{ shape, integers: arithmetic(node) }];
};

/** Sizes that are computed of sizes: `rows * 4` counts the rows still. */
function arithmetic(node: NodeView): readonly Dim[] | undefined {
  const [a, b] = [node.input(0).integers, node.input(1).integers];
  if (a === undefined || b === undefined) return undefined;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => {
    const pair = [
      a[a.length === 1 ? 0 : index] ?? '?',
      b[b.length === 1 ? 0 : index] ?? '?',
    ] as const;
    return combine(node.node.op, ...pair);
  });
}

function combine(op: string, a: Dim, b: Dim): Dim {
  if (op === 'Mul') return productOf([a, b]);
  if (op === 'Div' && b === 1) return a;
  if (typeof a !== 'number' || typeof b !== 'number') return '?';
  switch (op) {
    case 'Add':
      return a + b;
    case 'Sub':
      return a - b;
    case 'Div':
      return b === 0 ? '?' : Math.trunc(a / b);
    default:
      return '?';
  }
}

const UNARY =
  'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu ' +
  'HardSigmoid HardSwish IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink ' +
  'Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu QuantizeLinear ' +
  'DequantizeLinear Trilu LRN';
const UNARY_MICROSOFT =
  'Gelu FastGelu QuickGelu BiasGelu QuantizeLinear DequantizeLinear SkipLayerNormalization ' +
  'SkipSimplifiedLayerNormalization';
const BROADCASTING =
  'Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less ' +
  'LessOrEqual Max Mean Min Mod Mul Or Pow PRelu Sub Sum Where Xor';

export const elementwiseRules: Readonly<Record<string, OperatorRule>> = {
  ...Object.fromEntries(UNARY.split(' ').map((name) => [name, unary])),
  ...Object.fromEntries(UNARY_MICROSOFT.split(' ').map((name) => [`com.microsoft:${name}`, unary])),
  ...Object.fromEntries(BROADCASTING.split(' ').map((name) => [name, broadcasting])),
  Identity: unchanged,
  Cast: unchanged,
  CastLike: unchanged,
};
