import { closure, makersOf, type ModelPart, part } from './graph-part.js';
import { Attributes } from './read-attributes.js';
import type { Graph, GraphNode } from './read-graph.js';
import { declareTensor, type ElementType } from './write-model.js';

/**
 * A model in two: what makes numbers of its text inputs, each by itself and value by value, and the
 * rest. The first part need see each value only once.
 */
export interface TextCut {
  /** Its inputs do not depend on each other, and may have numbers of rows of their own. */
  readonly encoders: ModelPart;
  /** For each output of the encoders, the text input that it is made of. */
  readonly madeOf: ReadonlyMap<string, string>;
  /** For each text input, the texts that its encoders name: a hint, most values will be among them. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** The model behind them: it has their outputs in place of texts. */
  readonly rest: ModelPart;
}

/**
 * @param texts inputs with one text per row
 * @param outputs the outputs of the model that are wanted
 * @returns undefined where no text has encoders
 * @throws NotForKernelError where there are nodes with graphs inside
 */
export function cutTexts(
  graph: Graph,
  texts: readonly string[],
  outputs: readonly string[],
): TextCut | undefined {
  const { encoded, known } = followTexts(graph, texts, outputs);
  const makers = makersOf(graph);
  const isCut = (name: string): boolean => encoded.get(name)?.type.isNumber === true;
  const rest = closure(graph, outputs, makers, isCut);
  const cut = [...rest.sources].filter(isCut);
  if (cut.length === 0) return undefined;
  const declare = (name: string): ReturnType<typeof declareTensor> =>
    declareTensor(name, encoded.get(name)?.type.element ?? 'float32', undefined);
  const before = closure(graph, cut, makers);
  return {
    encoders: part(withOpenTexts(graph, texts), before.nodes, before.sources, [], cut.map(declare)),
    madeOf: new Map(cut.map((name) => [name, encoded.get(name)?.input ?? ''])),
    known: new Map([...known].map(([input, names]) => [input, [...names]])),
    rest: part(
      graph,
      rest.nodes,
      rest.sources,
      cut.map(declare),
      graph.outputs.filter(({ name }) => outputs.includes(name)),
    ),
  };
}

/** Shapes that name their rows alike would bind the inputs to the same number of rows. */
function withOpenTexts(graph: Graph, texts: readonly string[]): Graph {
  const inputs = graph.inputs.map((input) =>
    texts.includes(input.name) ? declareTensor(input.name, 'string', undefined) : input,
  );
  return { ...graph, inputs };
}

/** A tensor whose rows are made of the rows of one text input, value by value. */
interface EncodedText {
  readonly input: string;
  readonly type: EncodedType;
}

interface EncodedType {
  readonly element: ElementType;
  readonly isNumber: boolean;
}

const TEXT: EncodedType = { element: 'string', isNumber: false };
const number = (element: ElementType): EncodedType => ({ element, isNumber: true });

function followTexts(
  graph: Graph,
  texts: readonly string[],
  outputs: readonly string[],
): {
  readonly encoded: ReadonlyMap<string, EncodedText>;
  readonly known: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const encoded = new Map<string, EncodedText>(
    texts.map((input) => [input, { input, type: TEXT }]),
  );
  const known = new Map(texts.map((input) => [input, new Set<string>()]));
  const constants = new Set(graph.constants.map(({ name }) => name));
  for (const node of graph.nodes) {
    if (node.op === 'Constant' && node.domain === '') {
      for (const name of node.outputs) constants.add(name);
      continue;
    }
    const [output] = node.outputs;
    // An output of the model cannot be an input of the rest.
    if (node.outputs.length !== 1 || output === undefined || outputs.includes(output)) continue;
    const of = [...new Set(node.inputs.filter((name) => name !== '' && !constants.has(name)))];
    const source = encoded.get(of[0] ?? '');
    if (of.length !== 1 || source === undefined) continue;
    const type = encodedType(node, source.type);
    if (type === undefined) continue;
    encoded.set(output, { input: source.input, type });
    if (!source.type.isNumber) addNames(known.get(source.input), node);
  }
  return { encoded, known };
}

function addNames(names: Set<string> | undefined, { bytes }: GraphNode): void {
  const attributes = new Attributes(bytes);
  for (const list of ['cats_strings', 'keys_strings', 'classes_strings']) {
    for (const text of attributes.texts(list)) names?.add(text);
  }
}

/** Element types of `Cast`, by their numbers in `TensorProto.DataType`. */
const CASTS: Readonly<Record<number, EncodedType>> = {
  1: number('float32'),
  7: number('int64'),
  8: TEXT,
  9: number('bool'),
  11: number('float64'),
};

/** What a node makes of each value of one tensor; undefined where it may do anything else. */
function encodedType(node: GraphNode, source: EncodedType): EncodedType | undefined {
  const attributes = new Attributes(node.bytes);
  if (node.domain === 'ai.onnx.ml') {
    switch (node.op) {
      case 'OneHotEncoder':
        return number('float32');
      case 'CategoryMapper':
        return source.isNumber ? TEXT : number('int64');
      case 'LabelEncoder':
        if (attributes.has('values_int64s')) return number('int64');
        if (attributes.has('values_floats')) return number('float32');
        if (attributes.has('values_strings')) return TEXT;
        // One text to one integer, by the names that the first version had.
        return attributes.has('classes_strings') && !source.isNumber ? number('int64') : undefined;
      default:
        return undefined;
    }
  }
  if (node.domain !== '') return undefined;
  switch (node.op) {
    case 'Identity':
    case 'Reshape':
      return source;
    case 'Cast':
      return CASTS[attributes.integer('to', 0)];
    // Stop words, which would leave out values, make a tensor of another length.
    case 'StringNormalizer':
      return TEXT;
    case 'Equal':
    case 'Not':
    case 'RegexFullMatch':
      return number('bool');
    default:
      return undefined;
  }
}
