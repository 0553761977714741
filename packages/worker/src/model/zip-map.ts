import {
  fieldText,
  joinBytes,
  lengthDelimited,
  readFields,
  repeatedInt64,
  varintField,
} from '../onnx-graph/protobuf-message.js';

/**
 * ZipMap turns a tensor of scores, [N, C], into a sequence of N maps from class to score, which
 * ONNX Runtime cannot hand to JavaScript. CatBoost, LightGBM and scikit-learn add it at the end of
 * their classifiers. Field numbers are those of onnx.proto.
 */
export interface ZipMapOutput {
  /** The graph output that is the map. */
  readonly output: string;
  /** The tensor that it is made of. */
  readonly tensor: string;
  /** The classes of the tensor's columns, in their order. */
  readonly classes: readonly string[];
}

/** The ZipMap that a node is, if it is one: a NodeProto. */
export function zipMapOf(node: Uint8Array): ZipMapOutput | undefined {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const classes: string[] = [];
  for (const { number, bytes } of readFields(node)) {
    if (number === 4 && fieldText(bytes) !== 'ZipMap') return undefined;
    if (number === 1) inputs.push(fieldText(bytes));
    if (number === 2) outputs.push(fieldText(bytes));
    if (number === 5) classes.push(...classesOf(bytes));
  }
  const [tensor] = inputs;
  const [output] = outputs;
  return tensor === undefined || output === undefined ? undefined : { output, tensor, classes };
}

/** AttributeProto: `name` = 1, `ints` = 8, `strings` = 9. */
function classesOf(attribute: Uint8Array): string[] {
  const classes: string[] = [];
  let name = '';
  for (const field of readFields(attribute)) {
    if (field.number === 1) name = fieldText(field.bytes);
    if (field.number === 8) classes.push(...repeatedInt64(field).map(String));
    if (field.number === 9) classes.push(fieldText(field.bytes));
  }
  return /^classlabels_(int64s|strings)$/.test(name) ? classes : [];
}

const GRAPH = 7;
const OPSET_IMPORT = 8;
const NODE = 1;
const OUTPUT = 12;
const FLOAT = 1;

/**
 * The model with the tensor before each ZipMap as its output, under the name of the map: the node
 * becomes an Identity, and the output float32 [N, C].
 * @returns undefined where no output is a ZipMap's.
 * @throws RangeError where the bytes are not a model.
 */
export function replaceZipMaps(model: Uint8Array): Uint8Array | undefined {
  const zipMaps = new Map<string, ZipMapOutput>();
  const outputs = new Set<string>();
  let hasOnnxDomain = false;
  for (const { number, bytes } of readFields(model)) {
    if (number === OPSET_IMPORT && domainOf(bytes) === '') hasOnnxDomain = true;
    if (number !== GRAPH) continue;
    for (const field of readFields(bytes)) {
      if (field.number === OUTPUT) outputs.add(valueName(field.bytes));
      const found = field.number === NODE ? zipMapOf(field.bytes) : undefined;
      if (found !== undefined) zipMaps.set(found.output, found);
    }
  }
  for (const name of zipMaps.keys()) if (!outputs.has(name)) zipMaps.delete(name);
  if (zipMaps.size === 0) return undefined;

  const pieces: Uint8Array[] = [];
  for (const field of readFields(model)) {
    pieces.push(
      field.number === GRAPH
        ? lengthDelimited(GRAPH, replaceInGraph(field.bytes, zipMaps))
        : field.raw,
    );
  }
  // Identity is of ONNX's own domain, which CatBoost's models do not import.
  if (!hasOnnxDomain) {
    pieces.push(lengthDelimited(OPSET_IMPORT, [lengthDelimited(1, ''), varintField(2, 8)]));
  }
  return joinBytes(pieces);
}

function replaceInGraph(
  graph: Uint8Array,
  zipMaps: ReadonlyMap<string, ZipMapOutput>,
): Uint8Array[] {
  return [...readFields(graph)].map((field) => {
    if (field.number === NODE) {
      const found = zipMapOf(field.bytes);
      if (found !== undefined && zipMaps.has(found.output)) return identityNode(found);
    }
    const replaced = field.number === OUTPUT ? zipMaps.get(valueName(field.bytes)) : undefined;
    return replaced === undefined ? field.raw : tensorOutput(replaced);
  });
}

/** NodeProto: `input` = 1, `output` = 2, `op_type` = 4. */
function identityNode({ tensor, output }: ZipMapOutput): Uint8Array {
  return lengthDelimited(NODE, [
    lengthDelimited(1, tensor),
    lengthDelimited(2, output),
    lengthDelimited(4, 'Identity'),
  ]);
}

/** ValueInfoProto: `name` = 1, `type` = 2; TypeProto.Tensor: `elem_type` = 1, `shape` = 2. */
function tensorOutput({ output, classes }: ZipMapOutput): Uint8Array {
  const rows = lengthDelimited(1, []);
  const columns = lengthDelimited(1, classes.length === 0 ? [] : [varintField(1, classes.length)]);
  const shape = lengthDelimited(2, [rows, columns]);
  const tensor = lengthDelimited(1, [varintField(1, FLOAT), shape]);
  return lengthDelimited(OUTPUT, [lengthDelimited(1, output), lengthDelimited(2, [tensor])]);
}

function valueName(valueInfo: Uint8Array): string {
  for (const { number, bytes } of readFields(valueInfo)) if (number === 1) return fieldText(bytes);
  return '';
}

function domainOf(opset: Uint8Array): string {
  for (const { number, bytes } of readFields(opset)) if (number === 1) return fieldText(bytes);
  return '';
}
