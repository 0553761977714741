/**
 * The structure of an ONNX model: its operators and how they are connected. Weights are not in it,
 * nor anything else that is large.
 */
export interface OnnxModel {
  readonly graph: OnnxGraph;
  /** Version of each operator set by domain; ONNX's own is `''`. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Operators that the model itself defines, by `operatorKey`. */
  readonly functions: ReadonlyMap<string, OnnxFunction>;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** One operator call, in an order in which each one's inputs are known. */
export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** `''` is ONNX's own. */
  readonly domain: string;
  /** An empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
  /** Size of the node in the file: coefficients of operators of `ai.onnx.ml` are attributes. */
  readonly bytes: number;
}

/** What a node's attribute holds; of a large one that is no graph only that it is there. */
export interface OnnxAttribute {
  readonly int?: number;
  readonly ints?: readonly number[];
  readonly text?: string;
  readonly tensor?: OnnxTensor;
  readonly graph?: OnnxGraph;
  /** In a function: the attribute of the call whose value it takes. */
  readonly reference?: string;
}

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The values of a small tensor of integers; undefined for others. */
  readonly integers: readonly number[] | undefined;
}

export interface OnnxValueInfo {
  readonly name: string;
  /** Dimensions, a name or `''` where one is open; undefined where the rank is not given. */
  readonly shape: readonly (number | string)[] | undefined;
}

/** An operator that is defined by other operators. */
export interface OnnxFunction {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  readonly opsets: ReadonlyMap<string, number>;
  /** Defaults of its attributes. */
  readonly defaults: ReadonlyMap<string, OnnxAttribute>;
}

/** ONNX's own domain has two spellings. */
export const domainOf = (name: string): string => (name === 'ai.onnx' ? '' : name);

export const operatorKey = (domain: string, op: string): string =>
  domainOf(domain) === '' ? op : `${domain}:${op}`;
