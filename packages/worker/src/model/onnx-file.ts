import { fieldText, readFields } from '../onnx-graph/protobuf-message.js';
import { zipMapOf } from './zip-map.js';

/**
 * The parts of an ONNX file that ONNX Runtime does not show: opsets, producer, metadata, operators,
 * and the files that hold weights outside of it. Field numbers are those of onnx.proto (ModelProto,
 * GraphProto, TensorProto); everything else is skipped.
 */
export interface OnnxFileInfo {
  readonly irVersion: number;
  readonly producer: string;
  /** Opset version by domain; the default domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  /** Locations of external data, relative to the model file. */
  readonly externalFiles: readonly string[];
  /** What the exporter wrote for others to read, by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of the graph's operators, each once, in the order of their first use. */
  readonly operators: readonly string[];
  /** Classes of the outputs that ZipMap makes maps, by output; they are given as tensors. */
  readonly zipMaps: Readonly<Record<string, readonly string[]>>;
}

/** @returns undefined where the bytes are not a protobuf message with a graph. */
export function readOnnxFile(bytes: Uint8Array): OnnxFileInfo | undefined {
  try {
    let irVersion = 0;
    let producer = '';
    let hasGraph = false;
    const opsets = new Map<string, number>();
    const external = new Set<string>();
    const metadata = new Map<string, string>();
    const operators = new Set<string>();
    const zipMaps = new Map<string, readonly string[]>();
    for (const field of readFields(bytes)) {
      if (field.number === 1) irVersion = field.value;
      else if (field.number === 2) producer = fieldText(field.bytes);
      else if (field.number === 8) {
        let domain = '';
        let version = 0;
        for (const part of readFields(field.bytes)) {
          if (part.number === 1) domain = fieldText(part.bytes);
          if (part.number === 2) version = part.value;
        }
        opsets.set(domain === '' ? 'ai.onnx' : domain, version);
      } else if (field.number === 7) {
        hasGraph = true;
        for (const part of readFields(field.bytes)) {
          if (part.number === 5) collectExternal(part.bytes, external);
          if (part.number !== 1) continue;
          operators.add(operatorOf(part.bytes));
          const zipMap = zipMapOf(part.bytes);
          if (zipMap !== undefined) zipMaps.set(zipMap.output, zipMap.classes);
        }
      } else if (field.number === 14) {
        const [key, value] = keyAndValue(field.bytes);
        metadata.set(key, value);
      }
    }
    if (!hasGraph) return undefined;
    const externalFiles = [...external];
    return {
      irVersion,
      producer,
      opsets: Object.fromEntries(opsets),
      externalFiles,
      metadata: Object.fromEntries(metadata),
      operators: [...operators],
      zipMaps: Object.fromEntries(zipMaps),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** TensorProto.external_data = 13: entries of key and value, of which `location` is the file. */
function collectExternal(tensor: Uint8Array, into: Set<string>): void {
  for (const field of readFields(tensor)) {
    if (field.number !== 13) continue;
    const [key, value] = keyAndValue(field.bytes);
    if (key === 'location') into.add(value);
  }
}

/** NodeProto.op_type. */
function operatorOf(node: Uint8Array): string {
  for (const { number, bytes } of readFields(node)) if (number === 4) return fieldText(bytes);
  return '';
}

/** StringStringEntryProto. */
function keyAndValue(entry: Uint8Array): [key: string, value: string] {
  let key = '';
  let value = '';
  for (const part of readFields(entry)) {
    if (part.number === 1) key = fieldText(part.bytes);
    if (part.number === 2) value = fieldText(part.bytes);
  }
  return [key, value];
}
