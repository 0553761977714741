import { closure, makersOf, type ModelPart, part } from './graph-part.js';
import { Attributes } from './read-attributes.js';
import { readConstants } from './read-constants.js';
import type { Graph, GraphNode } from './read-graph.js';
import { madeOfTexts, type TextTensor } from './text-nodes.js';
import { declareTensor } from './write-model.js';

/**
 * A model in two: what makes numbers of its text inputs, row by row, and the rest. The first part need
 * see each text only once, and of texts that meet before they are numbers each combination.
 */
export interface TextCut {
  /** No two of them are made of the same inputs. */
  readonly encoders: readonly TextEncoders[];
  /** For each text input, the texts that its encoders name: a hint, most values will be among them. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** Outputs of the model that the encoders make. */
  readonly direct: readonly string[];
  /**
   * Makes the other outputs: it has outputs of the encoders in place of texts. Undefined where there are
   * no others.
   */
  readonly rest: ModelPart | undefined;
}

/** What is made of one text input, or of a group of them whose texts meet. */
export interface TextEncoders {
  readonly inputs: readonly string[];
  /** Has these inputs alone. */
  readonly part: ModelPart;
}

/** An input with one text per row. */
export interface TextInputShape {
  readonly name: string;
  /** Number of dimensions, of which all but the first are 1. */
  readonly rank: number;
}

/**
 * @param outputs the outputs of the model that are wanted
 * @returns undefined where no text has encoders
 * @throws NotForKernelError where there are nodes with graphs inside
 */
export function cutTexts(
  graph: Graph,
  texts: readonly TextInputShape[],
  outputs: readonly string[],
): TextCut | undefined {
  const { made, known } = followTexts(graph, texts);
  const makers = makersOf(graph);
  const isCut = (name: string): boolean => made.get(name)?.isNumber === true;
  const direct = outputs.filter(isCut);
  const others = outputs.filter((name) => !isCut(name));
  const rest = closure(graph, others, makers, isCut);
  const inner = [...rest.sources].filter(isCut);
  const cut = [...new Set([...inner, ...direct])];
  if (cut.length === 0) return undefined;
  const declare = (name: string): ReturnType<typeof declareTensor> =>
    declareTensor(name, made.get(name)?.element ?? 'float32', undefined);
  const open = withOpenTexts(graph, texts);
  return {
    encoders: groupsOf(cut, made).map(({ inputs, tensors }) => {
      const { nodes, sources } = closure(graph, tensors, makers);
      return { inputs, part: part(open, nodes, sources, [], tensors.map(declare)) };
    }),
    known: new Map([...known].map(([input, names]) => [input, [...names]])),
    direct,
    rest:
      others.length === 0
        ? undefined
        : part(
            graph,
            rest.nodes,
            rest.sources,
            inner.map(declare),
            graph.outputs.filter(({ name }) => others.includes(name)),
          ),
  };
}

interface Group {
  readonly inputs: readonly string[];
  readonly tensors: string[];
}

/** Tensors that are made of the same inputs. */
function groupsOf(cut: readonly string[], made: ReadonlyMap<string, TextTensor>): Group[] {
  const groups = new Map<string, Group>();
  for (const name of cut) {
    const { inputs = [] } = made.get(name) ?? {};
    const key = JSON.stringify(inputs);
    const group = groups.get(key) ?? { inputs, tensors: [] };
    group.tensors.push(name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What the encoders get is texts that differ, whose number is not that of a batch. */
function withOpenTexts(graph: Graph, texts: readonly TextInputShape[]): Graph {
  const inputs = graph.inputs.map((input) =>
    texts.some(({ name }) => name === input.name)
      ? declareTensor(input.name, 'string', undefined)
      : input,
  );
  return { ...graph, inputs };
}

function followTexts(
  graph: Graph,
  texts: readonly TextInputShape[],
): {
  readonly made: ReadonlyMap<string, TextTensor>;
  readonly known: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const made = new Map<string, TextTensor>(
    texts.map(({ name, rank }) => [
      name,
      { inputs: [name], element: 'string', isNumber: false, rank },
    ]),
  );
  const known = new Map(texts.map(({ name }) => [name, new Set<string>()]));
  const constants = readConstants(graph);
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    if (node.outputs.length !== 1 || output === undefined || constants.has(output)) continue;
    const names = [...new Set(node.inputs.filter((name) => name !== ''))];
    const own = names.flatMap((name) => constants.get(name) ?? []);
    const sources = names.flatMap((name) => made.get(name) ?? []);
    if (sources.length + own.length < names.length) continue;
    const tensor = madeOfTexts(node, sources, own);
    if (tensor === undefined) continue;
    const of = new Set(sources.flatMap(({ inputs }) => inputs));
    const inputs = texts.map(({ name }) => name).filter((name) => of.has(name));
    made.set(output, { ...tensor, inputs });
    const [input = ''] = inputs;
    if (inputs.length === 1 && sources[0]?.isNumber === false) addNames(known.get(input), node);
  }
  return { made, known };
}

function addNames(names: Set<string> | undefined, { bytes }: GraphNode): void {
  const attributes = new Attributes(bytes);
  for (const list of ['cats_strings', 'keys_strings', 'classes_strings']) {
    for (const text of attributes.texts(list)) names?.add(text);
  }
}
