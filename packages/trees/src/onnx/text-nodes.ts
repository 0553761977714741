import type { Constant } from './read-constants.js';
import { Attributes } from './read-attributes.js';
import type { GraphNode } from './read-graph.js';
import type { ElementType } from './write-model.js';

/** A tensor whose rows are made of the rows of some text inputs, each row of theirs by itself. */
export interface TextTensor {
  /** The text inputs, in the order of the model's: several where texts have met. */
  readonly inputs: readonly string[];
  readonly element: ElementType;
  /** What is no text. */
  readonly isNumber: boolean;
  /** Number of dimensions of a tensor with one value for each row: [N, 1, …, 1]. Else undefined. */
  readonly rank: number | undefined;
}

/** What a node does with the inputs that are no constants, in their order. */
type Made = Pick<TextTensor, 'element' | 'isNumber' | 'rank'> | undefined;

const text = (rank: number | undefined): Made => ({ element: 'string', isNumber: false, rank });
const number = (element: ElementType, rank: number | undefined): Made => ({
  element,
  isNumber: true,
  rank,
});

/**
 * What a node makes of each row of text tensors; undefined where it may do anything else.
 * @param sources the inputs of the node that are no constants
 * @param constants the other ones
 */
export function madeOfTexts(
  node: GraphNode,
  sources: readonly TextTensor[],
  constants: readonly Constant[],
): Made {
  const [source] = sources;
  if (source === undefined) return undefined;
  if (node.domain === '' && JOINING.includes(node.op)) {
    const joined = madeOfSeveral(node, sources, constants);
    if (joined !== undefined) return joined;
  }
  if (sources.length !== 1) return undefined;
  return node.domain === 'ai.onnx.ml'
    ? madeByEncoder(node, source)
    : madeByNode(node, source, constants);
}

const JOINING = ['StringConcat', 'Equal', 'Where'];

/** Value by value of tensors that have one for each row, in the same shape, so that nothing is broadcast. */
function madeOfSeveral(
  { op }: GraphNode,
  sources: readonly TextTensor[],
  constants: readonly Constant[],
): Made {
  const rank = sources[0]?.rank;
  if (rank === undefined || sources.some((source) => source.rank !== rank)) return undefined;
  if (!constants.every((constant) => isSingle(constant, rank))) return undefined;
  const texts = sources.filter(({ isNumber }) => !isNumber).length;
  switch (op) {
    case 'StringConcat':
      return text(rank);
    case 'Equal':
      // Numbers are compared by the rest: that takes less time than to look for combinations of their texts.
      return texts === sources.length ? number('bool', rank) : undefined;
    default:
      // Numbers among which a text chooses are left to the rest.
      return texts > 0 ? text(rank) : undefined;
  }
}

/** Whether it is one value, which meets all values of a tensor of so many dimensions. */
function isSingle({ dimensions }: Constant, rank: number): boolean {
  return (
    dimensions !== undefined && dimensions.length <= rank && dimensions.every((one) => one === 1)
  );
}

function madeByEncoder(node: GraphNode, { isNumber, rank }: TextTensor): Made {
  const attributes = new Attributes(node.bytes);
  switch (node.op) {
    case 'OneHotEncoder':
      return number('float32', undefined);
    case 'CategoryMapper':
      return isNumber ? text(rank) : number('int64', rank);
    case 'LabelEncoder':
      if (attributes.has('values_int64s')) return number('int64', rank);
      if (attributes.has('values_floats')) return number('float32', rank);
      if (attributes.has('values_strings')) return text(rank);
      // One text to one integer, by the names that the first version had.
      return attributes.has('classes_strings') && !isNumber ? number('int64', rank) : undefined;
    default:
      return undefined;
  }
}

/** Element types of `Cast`, by their numbers in `TensorProto.DataType`. */
const CASTS: Readonly<Record<number, ElementType>> = {
  1: 'float32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  11: 'float64',
};

function madeByNode(node: GraphNode, source: TextTensor, constants: readonly Constant[]): Made {
  const attributes = new Attributes(node.bytes);
  switch (node.op) {
    case 'Identity':
      return source;
    case 'Reshape':
      return { ...source, rank: reshapedRank(source, constants) };
    case 'Cast': {
      const element = CASTS[attributes.integer('to', 0)];
      return element && { element, isNumber: element !== 'string', rank: source.rank };
    }
    case 'StringNormalizer':
      // Stop words, which would leave out values, make a tensor of another length.
      return text(attributes.has('stopwords') ? undefined : source.rank);
    case 'Equal':
      return number('bool', undefined);
    case 'Not':
    case 'RegexFullMatch':
      return number('bool', source.rank);
    default:
      return undefined;
  }
}

/** Of [-1, 1, …, 1] alone it is known that there is still one value for each row. */
function reshapedRank({ rank }: TextTensor, [shape]: readonly Constant[]): number | undefined {
  const [first, ...others] = shape?.integers ?? [];
  if (rank === undefined || first !== -1 || others.some((size) => size !== 1)) return undefined;
  return 1 + others.length;
}
