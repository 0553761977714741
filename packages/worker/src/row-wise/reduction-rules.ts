import { mixes, type NodeView, type OperatorRule, type RuleResult } from './node-view.js';
import { normalAxes, type Shape } from './tensor-facts.js';

/** Operators that take many elements together: sums, normalizations, sorting, quantization. */

/** Keeps the shape of its first input. */
const same = (node: NodeView): RuleResult =>
  node.node.outputs.map(() => ({ shape: node.shape(0) }));

/** Over one axis; before operator set 13 over it and all that follow, with 1 as the default. */
const softmax: OperatorRule = (node) => {
  const rank = node.shape(0)?.length;
  if (rank === undefined) return undefined;
  const axis = node.int('axis', node.opset < 13 ? 1 : -1);
  const axes = node.opset < 13 ? axesFrom(axis, rank) : [axis];
  return node.mixesOver(0, axes, 'normalizes') ?? same(node);
};

const layerNormalization: OperatorRule = (node) => {
  const rank = node.shape(0)?.length;
  if (rank === undefined) return undefined;
  const axes = axesFrom(node.int('axis', -1), rank);
  return node.mixesOver(0, axes, 'normalizes') ?? [{ shape: node.shape(0) }];
};

const lpNormalization: OperatorRule = (node) =>
  node.mixesOver(0, [node.int('axis', -1)], 'normalizes') ?? same(node);

const meanVariance: OperatorRule = (node) =>
  node.mixesOver(0, node.ints('axes') ?? [0, 2, 3], 'normalizes') ?? same(node);

/** Normalizes each sample and channel over the dimensions after them. */
const instanceNormalization: OperatorRule = (node) => {
  const rank = node.shape(0)?.length;
  if (rank === undefined) return undefined;
  return node.mixesOver(0, axesFrom(2, rank), 'normalizes') ?? same(node);
};

/** Trained, it is a factor and a summand per channel; in training it takes the mean of the batch. */
const batchNormalization: OperatorRule = (node) => {
  const training =
    node.opset >= 14
      ? node.int('training_mode', 0) === 1
      : node.node.outputs.filter((name) => name !== '').length > 1;
  if (training && node.input(0).fromRows) {
    return mixes(
      'is in training mode: it normalizes by the mean and variance of the rows of the call',
    );
  }
  return [{ shape: node.shape(0) }];
};

const reduce: OperatorRule = (node) => {
  const shape = node.shape(0);
  if (shape === undefined) return undefined;
  const given = node.intsOr('axes', 1);
  if (given === 'open') return undefined;
  if ((given === undefined || given.length === 0) && node.int('noop_with_empty_axes', 0) === 1) {
    return same(node);
  }
  const axes = given === undefined || given.length === 0 ? axesFrom(0, shape.length) : given;
  return (
    node.mixesOver(0, axes, 'reduces') ?? shapeWithout(shape, axes, node.int('keepdims', 1) === 1)
  );
};

const argument: OperatorRule = (node) => {
  const shape = node.shape(0);
  if (shape === undefined) return undefined;
  const axes = [node.int('axis', 0)];
  return (
    node.mixesOver(0, axes, 'finds an extreme') ??
    shapeWithout(shape, axes, node.int('keepdims', 1) === 1)
  );
};

const topK: OperatorRule = (node) => {
  const shape = node.shape(0);
  if (shape === undefined) return undefined;
  const axis = node.int('axis', -1);
  const mixing = node.mixesOver(0, [axis], 'sorts');
  if (mixing !== undefined) return mixing;
  const [normal] = normalAxes([axis], shape.length) ?? [];
  const chosen = shape.map((dim, index) => (index === normal ? '?' : dim));
  return [{ shape: chosen }, { shape: chosen }];
};

const cumulative: OperatorRule = (node) => {
  const [axis] = node.input(1).integers ?? [];
  if (typeof axis !== 'number') return undefined;
  return node.mixesOver(0, [axis], 'accumulates') ?? same(node);
};

/** Compares all elements, or the slices of an axis, with each other. */
const unique: OperatorRule = (node) =>
  node.rowsAxis(0) === undefined
    ? undefined
    : mixes('compares the rows of the call with each other');

const dynamicQuantization: OperatorRule = (node) =>
  node.input(0).fromRows
    ? mixes('takes its scale from the lowest and highest value of all rows of the call')
    : undefined;

function axesFrom(axis: number, rank: number): number[] {
  const from = axis < 0 ? axis + rank : axis;
  if (from < 0) return [];
  return Array.from({ length: Math.max(0, rank - from) }, (_, index) => from + index);
}

function shapeWithout(
  shape: Shape,
  axes: readonly number[],
  keep: boolean,
): RuleResult | undefined {
  const normal = normalAxes(axes, shape.length);
  if (normal === undefined) return undefined;
  const left = keep
    ? shape.map((dim, axis) => (normal.includes(axis) ? 1 : dim))
    : shape.filter((_, axis) => !normal.includes(axis));
  return [{ shape: left }];
}

const REDUCTIONS = [
  'Sum',
  'Mean',
  'Max',
  'Min',
  'Prod',
  'L1',
  'L2',
  'LogSum',
  'LogSumExp',
  'SumSquare',
];

export const reductionRules: Readonly<Record<string, OperatorRule>> = {
  ...Object.fromEntries(REDUCTIONS.map((name) => [`Reduce${name}`, reduce])),
  ArgMax: argument,
  ArgMin: argument,
  Softmax: softmax,
  LogSoftmax: softmax,
  Hardmax: softmax,
  LayerNormalization: layerNormalization,
  RMSNormalization: layerNormalization,
  SimplifiedLayerNormalization: layerNormalization,
  'com.microsoft:SimplifiedLayerNormalization': layerNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVariance,
  InstanceNormalization: instanceNormalization,
  BatchNormalization: batchNormalization,
  TopK: topK,
  CumSum: cumulative,
  CumProd: cumulative,
  Unique: unique,
  DynamicQuantizeLinear: dynamicQuantization,
  'com.microsoft:DynamicQuantizeMatMul': dynamicQuantization,
  'com.microsoft:DynamicQuantizeLSTM': dynamicQuantization,
};
