import { mixes, type NodeView, type OperatorRule } from './node-view.js';
import { type Dim, normalAxes, productOf, rowsAxis, type Shape } from './tensor-facts.js';

/** Operators that move elements about, and those that make and take shapes. */

const transpose: OperatorRule = (node) => {
  const shape = node.shape(0);
  if (shape === undefined) return undefined;
  const order = node.ints('perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  return [{ shape: order.map((axis) => shape[axis] ?? '?') }];
};

const reshape: OperatorRule = (node) => {
  const { shape, integers } = node.input(0);
  const target = node.input(1).integers ?? node.ints('shape');
  if (target === undefined) return undefined;
  if (shape === undefined) {
    return node.input(0).fromRows ? undefined : [{ shape: undefined, integers }];
  }
  return [{ shape: reshaped(shape, target), integers }];
};

/** Elements stay in order: the rows are in the dimension that follows on what lay before them. */
function reshaped(shape: Shape, target: readonly Dim[]): Shape | undefined {
  const dims = target.map((dim, axis) => (dim === 0 ? (shape[axis] ?? '?') : dim));
  const rows = rowsAxis(shape);
  const total = productOf(shape);
  const known = productOf(dims.filter((dim) => dim !== -1));
  const rest = typeof total === 'number' && typeof known === 'number' ? total / known : '?';
  if (rows === undefined) return dims.map((dim) => (dim === -1 ? rest : dim));
  const before = shape.slice(0, rows).filter((dim) => dim !== 1);
  let axis = 0;
  for (const dim of before) {
    while (dims[axis] === 1) axis++;
    if (typeof dim !== 'number' || dims[axis] !== dim) return undefined;
    axis++;
  }
  while (dims[axis] === 1) axis++;
  // Any other size here may be a fixed batch, or a dimension that the rows are divided by.
  if (dims[axis] !== -1 && dims[axis] !== 'rows') return undefined;
  return dims.map((dim, index) => {
    if (index === axis) return 'rows';
    return dim === -1 || dim === 'rows' ? '?' : dim;
  });
}

const flatten: OperatorRule = (node) => {
  const shape = node.shape(0);
  if (shape === undefined) return undefined;
  const axis = node.int('axis', 1);
  const cut = axis < 0 ? axis + shape.length : axis;
  const rows = rowsAxis(shape);
  if (rows !== undefined && shape.slice(0, rows).some((dim) => dim !== 1)) return undefined;
  return [{ shape: [productOf(shape.slice(0, cut)), productOf(shape.slice(cut))] }];
};

const squeeze: OperatorRule = (node) => {
  const { shape, integers } = node.input(0);
  const axes = node.intsOr('axes', 1);
  if (shape === undefined || axes === 'open') return undefined;
  // Without axes a dimension that is open now may be 1 in a run.
  if (axes === undefined && shape.includes('?')) return undefined;
  const normal =
    axes === undefined
      ? shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []))
      : normalAxes(axes, shape.length);
  return normal && [{ shape: shape.filter((_, axis) => !normal.includes(axis)), integers }];
};

const unsqueeze: OperatorRule = (node) => {
  const { shape, integers } = node.input(0);
  const axes = node.intsOr('axes', 1);
  if (shape === undefined || axes === undefined || axes === 'open') return undefined;
  const rank = shape.length + axes.length;
  const normal = normalAxes(axes, rank);
  if (normal === undefined) return undefined;
  const rest = [...shape];
  const made = Array.from({ length: rank }, (_, axis) =>
    normal.includes(axis) ? 1 : (rest.shift() ?? '?'),
  );
  return [{ shape: made, integers }];
};

const expand: OperatorRule = (node) => {
  const shape = node.shape(0);
  const target = node.input(1).integers;
  if (shape === undefined || target === undefined) return undefined;
  const rank = Math.max(shape.length, target.length);
  const wide = Array.from({ length: rank }, (_, axis): Dim => {
    const own = shape[axis - rank + shape.length] ?? 1;
    const asked = target[axis - rank + target.length] ?? 1;
    if (own === 'rows' || asked === 'rows') return 'rows';
    return own === 1 ? asked : own;
  });
  return [{ shape: wide }];
};

const concat: OperatorRule = (node) => {
  const shapes = node.inputs.map((input) => input?.shape);
  const integers = node.inputs.map((input) => input?.integers);
  const values = integers.every((list) => list !== undefined) ? integers.flat() : undefined;
  const [first] = shapes;
  if (first === undefined || shapes.includes(undefined)) return undefined;
  const [axis] = normalAxes([node.int('axis', 0)], first.length) ?? [];
  // Rows put beside other rows have no position that can be described.
  if (axis === undefined || shapes.some((shape) => shape?.[axis] === 'rows')) return undefined;
  const joined = first.map((dim, index): Dim => {
    const dims = shapes.map((shape) => shape?.[index] ?? '?');
    if (index === axis) return sumOf(dims);
    return dims.includes('rows') ? 'rows' : dim;
  });
  return [{ shape: joined, integers: values }];
};

function sumOf(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>(
    (sum, dim) => (typeof sum === 'number' && typeof dim === 'number' ? sum + dim : '?'),
    0,
  );
}

const split: OperatorRule = (node) => {
  const shape = node.shape(0);
  if (shape === undefined) return undefined;
  const [axis] = normalAxes([node.int('axis', 0)], shape.length) ?? [];
  if (axis === undefined || shape[axis] === 'rows') return undefined;
  const piece = shape.map((dim, index) => (index === axis ? '?' : dim));
  return node.node.outputs.map(() => ({ shape: piece }));
};

const slice: OperatorRule = (node) => {
  const { shape, integers } = node.input(0);
  const starts = node.intsOr('starts', 1);
  const ends = node.intsOr('ends', 2);
  const axes = node.intsOr('axes', 3) ?? (Array.isArray(starts) ? starts.map((_, i) => i) : 'open');
  const steps = node.intsOr('steps', 4);
  if (shape === undefined || !Array.isArray(axes)) return undefined;
  const normal = normalAxes(axes, shape.length);
  if (normal === undefined || normal.some((axis) => shape[axis] === 'rows')) return undefined;
  const cut = shape.map((dim, axis): Dim => (normal.includes(axis) ? '?' : dim));
  const plain = shape.length === 1 && steps === undefined;
  const part =
    plain && Array.isArray(starts) && Array.isArray(ends)
      ? integers?.slice(starts[0], ends[0])
      : undefined;
  return [{ shape: part === undefined ? cut : [part.length], integers: part }];
};

const gather: OperatorRule = (node) => {
  const [data, indices] = [node.input(0), node.input(1)];
  if (data.shape === undefined || indices.shape === undefined) return undefined;
  const [axis] = normalAxes([node.int('axis', 0)], data.shape.length) ?? [];
  if (axis === undefined) return undefined;
  // Places that are computed may well be those of all rows, in their order.
  const single = indices.integers?.every((index) => typeof index === 'number') === true;
  if (node.rowsAxis(0) === axis && single) {
    return mixes(`takes single rows out of dimension ${axis}, which holds the rows of the call`);
  }
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  return [{ shape, integers: picked(data.integers, indices.integers) }];
};

function picked(
  values: readonly Dim[] | undefined,
  indices: readonly Dim[] | undefined,
): Dim[] | undefined {
  return (
    indices &&
    values &&
    indices.map((index) => (typeof index === 'number' ? (values.at(index) ?? '?') : '?'))
  );
}

/** Takes elements along an axis, at places that each row says for itself. */
const gatherElements: OperatorRule = (node) => {
  const [data, indices] = [node.shape(0), node.shape(1)];
  if (data === undefined || indices === undefined) return undefined;
  const [axis] = normalAxes([node.int('axis', 0)], data.length) ?? [];
  const rows = rowsAxis(data);
  return rows === undefined || rows === axis ? undefined : [{ shape: indices }];
};

/** The columns of scikit-learn's converters: by the last dimension, of [N, features] or a table. */
const arrayFeatureExtractor: OperatorRule = (node) => {
  const [data, indices] = [node.shape(0), node.shape(1)];
  if (data === undefined) return undefined;
  if (node.rowsAxis(0) !== undefined && data.length > 1 && node.rowsAxis(0) !== data.length - 1) {
    return [{ shape: [...data.slice(0, -1), '?'] }];
  }
  const tableOnly = !node.input(0).fromRows && data.length === 1 && indices !== undefined;
  return tableOnly ? [{ shape: [1, productOf(indices)] }] : undefined;
};

const shapeOf: OperatorRule = (node) => {
  const shape = node.shape(0);
  if (shape === undefined) return [{ shape: ['?'] }];
  const dims = shape.slice(node.int('start', 0), node.int('end', shape.length));
  return [{ shape: [dims.length], integers: dims }];
};

const constantOfShape: OperatorRule = (node) => [{ shape: node.input(0).integers }];

const constant: OperatorRule = (node) => {
  const tensor = node.attributes.get('value')?.tensor;
  if (tensor !== undefined) return [{ shape: tensor.shape, integers: tensor.integers }];
  const ints = node.ints('value_ints');
  if (ints !== undefined) return [{ shape: [ints.length], integers: ints }];
  const int = node.attributes.get('value_int')?.int;
  return [
    { shape: int === undefined ? undefined : [], integers: int === undefined ? undefined : [int] },
  ];
};

const sameShape: OperatorRule = (node) => node.node.outputs.map(() => ({ shape: node.shape(0) }));

/** Adds a dimension for the classes. */
const oneHot: OperatorRule = (node) => {
  const shape = node.shape(0);
  const axis = node.int('axis', -1);
  if (shape === undefined || axis !== -1) return undefined;
  return [{ shape: [...shape, '?'] }];
};

/** The output has a row for each row of the input, of unknown width. */
const keepsRows = (node: NodeView): ReturnType<OperatorRule> =>
  node.rowsAxis(0) === 0 ? [{ shape: ['rows', '?'] }] : undefined;

const PREPROCESSING = 'Scaler Imputer Normalizer Binarizer LabelEncoder CategoryMapper';

export const layoutRules: Readonly<Record<string, OperatorRule>> = {
  Transpose: transpose,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: gatherElements,
  Shape: shapeOf,
  ConstantOfShape: constantOfShape,
  Constant: constant,
  OneHot: oneHot,
  Dropout: sameShape,
  ...Object.fromEntries(PREPROCESSING.split(' ').map((name) => [`ai.onnx.ml:${name}`, sameShape])),
  'ai.onnx.ml:FeatureVectorizer': keepsRows,
  'ai.onnx.ml:OneHotEncoder': oneHot,
  'ai.onnx.ml:ArrayFeatureExtractor': arrayFeatureExtractor,
};
