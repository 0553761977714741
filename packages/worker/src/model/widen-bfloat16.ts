import {
  fieldText,
  joinBytes,
  lengthDelimited,
  readFields,
  varintField,
} from '../onnx-graph/protobuf-message.js';

/**
 * ONNX Runtime does not exchange bfloat16 with JavaScript. Field numbers are those of onnx.proto:
 * ModelProto, GraphProto, NodeProto, AttributeProto, ValueInfoProto, TypeProto.
 */
const GRAPH = 7;
const OPSET_IMPORT = 8;
const NODE = 1;
const INITIALIZER = 5;
const INPUT = 11;
const OUTPUT = 12;
const VALUE_INFO = 13;
const NODE_INPUT = 1;
const NODE_OUTPUT = 2;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_GRAPH = 6;
const ATTRIBUTE_GRAPHS = 11;

const FLOAT = 1;
const BFLOAT16 = 16;

/** Inputs and outputs of bfloat16, with the names that their values get inside. */
interface Widened {
  readonly inputs: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
}

/**
 * The model with float32 in place of bfloat16 at its inputs and outputs, and a Cast behind or before
 * each of them; layers between are as they were.
 * @returns undefined where there is none, or where it cannot be done: then ONNX Runtime refuses the
 *   type by its name.
 * @throws RangeError where the bytes are not a model.
 */
export function widenBfloat16(model: Uint8Array): Uint8Array | undefined {
  let widened: Widened | undefined;
  let hasOnnxDomain = false;
  for (const { number, bytes } of readFields(model)) {
    if (number === OPSET_IMPORT && firstText(bytes, 1) === '') hasOnnxDomain = true;
    if (number === GRAPH) widened = findBfloat16(bytes);
  }
  if (widened === undefined || !hasOnnxDomain) return undefined;
  const { inputs, outputs } = widened;
  const inside = new Map([...inputs, ...outputs]);
  const pieces: Uint8Array[] = [];
  for (const field of readFields(model)) {
    pieces.push(
      field.number === GRAPH
        ? lengthDelimited(GRAPH, [
            ...[...inputs].map(([from, to]) => castNode(from, to, BFLOAT16)),
            ...widenGraph(field.bytes, widened, inside),
            ...[...outputs].map(([to, from]) => castNode(from, to, FLOAT)),
          ])
        : field.raw,
    );
  }
  return joinBytes(pieces);
}

function findBfloat16(graph: Uint8Array): Widened | undefined {
  const inputs = new Map<string, string>();
  const outputs = new Map<string, string>();
  const initializers = new Set<string>();
  for (const { number, bytes } of readFields(graph)) {
    if (number === INITIALIZER) initializers.add(firstText(bytes, 8));
    if ((number !== INPUT && number !== OUTPUT) || elementType(bytes) !== BFLOAT16) continue;
    const name = firstText(bytes, 1);
    (number === INPUT ? inputs : outputs).set(name, `${name}/bfloat16`);
  }
  // Older models list their weights among the inputs: nothing is given for them.
  for (const name of initializers) inputs.delete(name);
  const handedOn = [...outputs.keys()].some((name) => initializers.has(name) || inputs.has(name));
  return handedOn || inputs.size + outputs.size === 0 ? undefined : { inputs, outputs };
}

function widenGraph(
  graph: Uint8Array,
  { inputs, outputs }: Widened,
  inside: ReadonlyMap<string, string>,
): Uint8Array[] {
  return [...readFields(graph)].map((field) => {
    const { number, bytes } = field;
    if (number === NODE) return lengthDelimited(NODE, renameInNode(bytes, inside));
    if (number === INPUT && inputs.has(firstText(bytes, 1))) return floatValue(number, bytes);
    if (number === OUTPUT && outputs.has(firstText(bytes, 1))) return floatValue(number, bytes);
    if (number === VALUE_INFO) return lengthDelimited(number, rename(bytes, [1], inside));
    return field.raw;
  });
}

/** The nodes of a graph inside of an operator take values of the graph around it by their names. */
function renameInNode(node: Uint8Array, inside: ReadonlyMap<string, string>): Uint8Array[] {
  return rename(node, [NODE_INPUT, NODE_OUTPUT], inside).map((piece) => {
    const [field] = readFields(piece);
    if (field?.number !== NODE_ATTRIBUTE) return piece;
    const content = [...readFields(field.bytes)].map((part) => {
      if (part.number !== ATTRIBUTE_GRAPH && part.number !== ATTRIBUTE_GRAPHS) return part.raw;
      const nested = [...readFields(part.bytes)].map((one) =>
        one.number === NODE ? lengthDelimited(NODE, renameInNode(one.bytes, inside)) : one.raw,
      );
      return lengthDelimited(part.number, nested);
    });
    return lengthDelimited(NODE_ATTRIBUTE, content);
  });
}

/** The fields of a message, with other texts in some of them. */
function rename(
  message: Uint8Array,
  numbers: readonly number[],
  names: ReadonlyMap<string, string>,
): Uint8Array[] {
  return [...readFields(message)].map((field) => {
    const name = numbers.includes(field.number) ? names.get(fieldText(field.bytes)) : undefined;
    return name === undefined ? field.raw : lengthDelimited(field.number, name);
  });
}

function castNode(from: string, to: string, type: number): Uint8Array {
  return lengthDelimited(NODE, [
    lengthDelimited(NODE_INPUT, from),
    lengthDelimited(NODE_OUTPUT, to),
    lengthDelimited(4, 'Cast'),
    // AttributeProto: `name` = 1, `i` = 3, `type` = 20, of which 2 is INT.
    lengthDelimited(NODE_ATTRIBUTE, [
      lengthDelimited(1, 'to'),
      varintField(3, type),
      varintField(20, 2),
    ]),
  ]);
}

/** ValueInfoProto: `type` = 2; TypeProto: `tensor_type` = 1; TypeProto.Tensor: `elem_type` = 1. */
function floatValue(number: number, valueInfo: Uint8Array): Uint8Array {
  const replace = (
    message: Uint8Array,
    [at, ...deeper]: readonly number[],
  ): readonly Uint8Array[] =>
    [...readFields(message)].map((field) => {
      if (field.number !== at) return field.raw;
      return deeper.length === 0
        ? varintField(field.number, FLOAT)
        : lengthDelimited(field.number, replace(field.bytes, deeper));
    });
  return lengthDelimited(number, replace(valueInfo, [2, 1, 1]));
}

function elementType(valueInfo: Uint8Array): number | undefined {
  for (const type of readFields(valueInfo)) {
    if (type.number !== 2) continue;
    for (const tensor of readFields(type.bytes)) {
      if (tensor.number !== 1) continue;
      for (const { number, value } of readFields(tensor.bytes)) if (number === 1) return value;
    }
  }
  return undefined;
}

function firstText(message: Uint8Array, at: number): string {
  for (const { number, bytes } of readFields(message)) if (number === at) return fieldText(bytes);
  return '';
}
