/**
 * A dimension as far as the graph shows: a size, `'rows'` for the one that counts the rows of the
 * call (or a multiple of them, row by row), `'?'` for any other.
 */
export type Dim = number | 'rows' | '?';
export type Shape = readonly Dim[];

/** Why a value of one row depends on the other rows of the call. */
export interface Mixing {
  /** `Softmax "node_name"`, or with the name of its output where the node has none. */
  readonly node: string;
  /** What it does, as a predicate: `normalizes over dimension 0, which is the batch`. */
  readonly why: string;
  /** `random`: the value depends on nothing in the data. */
  readonly kind: 'rows' | 'random';
}

/** What is known of a tensor of the graph without running it. */
export interface TensorFacts {
  /** Whether it depends on the data of the rows; shapes, weights and the row count do not. */
  readonly fromRows: boolean;
  /** Undefined where it is not known in which dimension the rows are. */
  readonly shape: Shape | undefined;
  /** Elements of a short vector or scalar of integers. */
  readonly integers?: readonly Dim[] | undefined;
  /** Proof that it mixes rows; it is passed on to all that is computed from it. */
  readonly mixing?: Mixing | undefined;
}

export const UNKNOWN: TensorFacts = { fromRows: true, shape: undefined };
export const CONSTANT: TensorFacts = { fromRows: false, shape: undefined };

/** The dimension of the rows; undefined where there is none, or more than one. */
export function rowsAxis(shape: Shape | undefined): number | undefined {
  const axis = shape?.indexOf('rows') ?? -1;
  return axis >= 0 && shape?.lastIndexOf('rows') === axis ? axis : undefined;
}

/** A shape without proof of where the rows are is no shape: two dimensions of rows, or none. */
export function soundShape(shape: Shape | undefined, fromRows: boolean): Shape | undefined {
  return fromRows && rowsAxis(shape) === undefined ? undefined : shape;
}

/** Axes counted from the front. @returns undefined where one is out of range. */
export function normalAxes(axes: readonly number[], rank: number): number[] | undefined {
  const normal = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  return normal.every((axis) => axis >= 0 && axis < rank) ? normal : undefined;
}

/** The shape of an elementwise operator's result, aligned from the right as NumPy does. */
export function broadcast(shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const dims = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    if (dims.includes('rows')) return 'rows';
    const wide = dims.find((dim) => typeof dim === 'number' && dim > 1);
    return wide ?? (dims.includes('?') ? '?' : 1);
  });
}

/** Product of dimensions; a multiple of the rows is `'rows'`. */
export function productOf(dims: readonly Dim[]): Dim {
  let product = 1;
  let rows = 0;
  let open = false;
  for (const dim of dims) {
    if (typeof dim === 'number') product *= dim;
    else if (dim === 'rows') rows++;
    else open = true;
  }
  if (rows === 1) return 'rows';
  return open || rows > 1 ? '?' : product;
}
