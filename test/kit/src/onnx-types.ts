import type { Integer } from './protobuf-writer.js';

/** The JavaScript data of a constant tensor, by its element type. */
export interface TensorDataByType {
  float32: Float32Array;
  float64: Float64Array;
  /** IEEE 754 half precision, as bits. */
  float16: Uint16Array;
  /** The upper 16 bits of a float32. */
  bfloat16: Uint16Array;
  /** Bits. */
  float8e4m3fn: Uint8Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  /** One byte for each element, 0 or 1. */
  bool: Uint8Array;
  string: readonly string[];
}

/** Element type of a tensor, under the names that onnxruntime uses in JavaScript. */
export type ElementType = keyof TensorDataByType;

/** One dimension: a fixed size, or the name of a symbolic one such as `'N'`. */
export type Dimension = number | string;

/** A constant tensor in row-major order. An empty shape is a scalar. */
export type TensorSpec = {
  [T in ElementType]: {
    readonly type: T;
    readonly shape: readonly number[];
    readonly data: TensorDataByType[T];
  };
}[ElementType];

/** A constant tensor whose raw bytes are a file, relative to the model's own. */
export interface ExternalTensorSpec {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly file: string;
  /** Where in the file they begin; at its beginning where left out. */
  readonly offset?: number;
  /** Bytes of them; all that follow where left out. */
  readonly length?: number;
}

/** A constant that nodes refer to by name. */
export type InitializerSpec = (TensorSpec | ExternalTensorSpec) & { readonly name: string };

/** A graph input or output that is a tensor. An empty shape is a scalar. */
export interface TensorValueSpec {
  readonly kind?: 'tensor';
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** A graph output of the kind that ZipMap makes: one map for each row. */
export interface SequenceOfMapSpec {
  readonly kind: 'sequence-of-map';
  readonly name: string;
  readonly keyType: 'int64' | 'string';
  readonly valueType: ElementType;
}

/** A graph output that is a sequence of tensors of one type. */
export interface SequenceOfTensorSpec {
  readonly kind: 'sequence-of-tensor';
  readonly name: string;
  readonly type: ElementType;
}

/** What a graph may give out. */
export type OutputSpec = TensorValueSpec | SequenceOfMapSpec | SequenceOfTensorSpec;

/**
 * A node attribute, tagged by its ONNX type: `{ int: 1 }`, `{ floats: [0.5, 2] }`, ... Lists of
 * numbers are packed unless they say otherwise; ONNX's own library has a tag before each number.
 */
export type AttributeSpec =
  | { readonly int: Integer }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: Iterable<Integer>; readonly packed?: false }
  | { readonly floats: Iterable<number>; readonly packed?: false }
  | { readonly strings: Iterable<string> }
  | { readonly tensor: TensorSpec }
  | { readonly graph: GraphSpec };

/** One operator call. An empty input name leaves an optional input out. */
export interface NodeSpec {
  readonly op: string;
  /** Operator domain; the default is ONNX's own (`''`). */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

/** A graph: nodes have to stand in an order in which each one's inputs are known. */
export interface GraphSpec {
  readonly name: string;
  readonly inputs: readonly TensorValueSpec[];
  readonly outputs: readonly OutputSpec[];
  readonly nodes: readonly NodeSpec[];
  readonly initializers?: readonly InitializerSpec[];
}

/** A whole model. */
export interface ModelSpec {
  readonly graph: GraphSpec;
  /** Operator set version by domain; the default is `{ '': 17, 'ai.onnx.ml': 3 }`. */
  readonly opset?: Readonly<Record<string, number>>;
  /** Version of the file format; the default, 8, goes with operator set 17. */
  readonly irVersion?: number;
  /** The default is `'shardmill-test-kit'`. */
  readonly producerName?: string;
}
