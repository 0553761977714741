import { type OnnxGraph, readGraph } from './graph/read-graph.js';
import { fields, text } from './protobuf-fields.js';

/**
 * The parts of an ONNX file that ONNX Runtime does not tell: opsets, producer, and the files that
 * hold weights outside of it. Field numbers are those of onnx.proto (ModelProto, GraphProto,
 * TensorProto); everything else is skipped.
 */
export interface OnnxFileInfo {
  /** Undefined where it cannot be read, whatever ONNX Runtime makes of it. */
  readonly graph: OnnxGraph | undefined;
  readonly irVersion: number;
  readonly producer: string;
  /** Opset version by domain; the default domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  /** Locations of external data, relative to the model file. */
  readonly externalFiles: readonly string[];
}

/** @returns undefined where the bytes are not a protobuf message with a graph. */
export function readOnnxFile(bytes: Uint8Array): OnnxFileInfo | undefined {
  try {
    let irVersion = 0;
    let producer = '';
    let hasGraph = false;
    let graph: OnnxGraph | undefined;
    const opsets: Record<string, number> = {};
    const external = new Set<string>();
    for (const field of fields(bytes)) {
      if (field.number === 1) irVersion = field.value;
      else if (field.number === 2) producer = text(field.bytes);
      else if (field.number === 8) {
        let domain = '';
        let version = 0;
        for (const part of fields(field.bytes)) {
          if (part.number === 1) domain = text(part.bytes);
          if (part.number === 2) version = part.value;
        }
        opsets[domain === '' ? 'ai.onnx' : domain] = version;
      } else if (field.number === 7) {
        hasGraph = true;
        graph = readGraph(field.bytes);
        for (const part of fields(field.bytes)) {
          if (part.number === 5) collectExternal(part.bytes, external);
        }
      }
    }
    if (!hasGraph) return undefined;
    return { irVersion, producer, opsets, externalFiles: [...external], graph };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** TensorProto.external_data = 13: entries of key and value, of which `location` is the file. */
function collectExternal(tensor: Uint8Array, into: Set<string>): void {
  for (const field of fields(tensor)) {
    if (field.number !== 13) continue;
    let key = '';
    let value = '';
    for (const part of fields(field.bytes)) {
      if (part.number === 1) key = text(part.bytes);
      if (part.number === 2) value = text(part.bytes);
    }
    if (key === 'location') into.add(value);
  }
}
