import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { widenBfloat16 } from './widen-bfloat16.js';
import { replaceZipMaps } from './zip-map.js';

/**
 * What ONNX Runtime loads for a model: its file, or, where JavaScript cannot be given what its
 * inputs or outputs are, the bytes of a model with tensors in place of ZipMap's maps, and float32 in
 * place of bfloat16. Most files are not read for this, but only looked through: a large model is in
 * memory once more as it is.
 */
export function modelSource(modelPath: string): string | Uint8Array {
  try {
    if (!mayBeEdited(modelPath)) return modelPath;
    const file = readFileSync(modelPath);
    const tensors = replaceZipMaps(file) ?? file;
    const model = widenBfloat16(tensors) ?? tensors;
    return model === file ? modelPath : model;
  } catch {
    // What is wrong with the file is said by ONNX Runtime.
    return modelPath;
  }
}

const GRAPH = 7;
const NODE = 1;
const INPUT = 11;
const OUTPUT = 12;
const OP_TYPE = 4;
const BFLOAT16 = 16;

/** Whether the graph of an ONNX file has a ZipMap, not counting nested graphs, or a value of bfloat16. */
function mayBeEdited(modelPath: string): boolean {
  const file = new FileFields(modelPath);
  try {
    for (const part of file.fields(0, Infinity)) {
      if (part.number !== GRAPH) continue;
      for (const field of file.fields(part.start, part.end)) {
        if (field.number === NODE && isZipMap(file, field)) return true;
        if (field.number !== INPUT && field.number !== OUTPUT) continue;
        if (elementType(file, field) === BFLOAT16) return true;
      }
    }
    return false;
  } finally {
    file.close();
  }
}

function isZipMap(file: FileFields, node: Span): boolean {
  for (const { number, start, end } of file.fields(node.start, node.end)) {
    if (number === OP_TYPE) return file.text(start, end) === 'ZipMap';
  }
  return false;
}

/** ValueInfoProto: `type` = 2; TypeProto: `tensor_type` = 1; TypeProto.Tensor: `elem_type` = 1. */
function elementType(file: FileFields, valueInfo: Span): number | undefined {
  let at: Span | undefined = valueInfo;
  for (const wanted of [2, 1, 1]) {
    let found: Span | undefined;
    for (const field of file.fields(at.start, at.end)) if (field.number === wanted) found = field;
    if (found === undefined) return undefined;
    at = found;
  }
  return at.value;
}

const WINDOW_BYTES = 4096;

interface Span {
  readonly number: number;
  /** Of a field that is a whole number. */
  readonly value: number | undefined;
  /** Bounds of the content of a length-delimited field; empty for others. */
  readonly start: number;
  readonly end: number;
}

/** Walks over the fields of protobuf messages in a file, without reading what is skipped. */
class FileFields {
  readonly #file: number;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  #start = 0;
  #length = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  close(): void {
    closeSync(this.#file);
  }

  /** @throws RangeError where the bytes are not a protobuf message. */
  *fields(start: number, end: number): Generator<Span> {
    let at = start;
    const varint = (): number => {
      let value = 0;
      for (let scale = 1; scale < 2 ** 64; scale *= 128) {
        const byte = this.#byteAt(at++);
        if (byte === undefined) throw new RangeError('truncated');
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
      }
      throw new RangeError('varint too long');
    };
    while (at < end && this.#byteAt(at) !== undefined) {
      const tag = varint();
      const wire = tag % 8;
      const length = wire === 2 ? varint() : 0;
      const content = at;
      const value = wire === 0 ? varint() : undefined;
      if (wire === 1) at += 8;
      else if (wire === 2) at += length;
      else if (wire === 5) at += 4;
      else if (wire !== 0) throw new RangeError(`wire type ${wire}`);
      yield { number: Math.floor(tag / 8), value, start: content, end: content + length };
    }
  }

  text(start: number, end: number): string {
    const bytes: number[] = [];
    for (let at = start; at < Math.min(end, start + WINDOW_BYTES); at++) {
      bytes.push(this.#byteAt(at) ?? 0);
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }

  #byteAt(at: number): number | undefined {
    if (at < this.#start || at >= this.#start + this.#length) {
      this.#start = at;
      this.#length = readSync(this.#file, this.#window, 0, WINDOW_BYTES, at);
    }
    return at - this.#start < this.#length ? this.#window[at - this.#start] : undefined;
  }
}
