import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { replaceZipMaps } from './zip-map.js';

/**
 * What ONNX Runtime loads for a model: its file, or, where outputs of it are made by ZipMap, the
 * bytes of a model that gives the tensors in their place. Most files are not read for this, but
 * only looked through: a large model is in memory once more as it is.
 */
export function modelSource(modelPath: string): string | Uint8Array {
  try {
    if (!hasNodeOf('ZipMap', modelPath)) return modelPath;
    return replaceZipMaps(readFileSync(modelPath)) ?? modelPath;
  } catch {
    // What is wrong with the file is said by ONNX Runtime.
    return modelPath;
  }
}

const GRAPH = 7;
const NODE = 1;
const OP_TYPE = 4;

/** Whether the graph of an ONNX file has such a node, not counting those of nested graphs. */
function hasNodeOf(operator: string, modelPath: string): boolean {
  const file = new FileFields(modelPath);
  try {
    for (const part of file.fields(0, Infinity)) {
      if (part.number !== GRAPH) continue;
      for (const node of file.fields(part.start, part.end)) {
        if (node.number !== NODE) continue;
        for (const field of file.fields(node.start, node.end)) {
          if (field.number !== OP_TYPE) continue;
          if (file.text(field.start, field.end) === operator) return true;
          break;
        }
      }
    }
    return false;
  } finally {
    file.close();
  }
}

const WINDOW_BYTES = 4096;

interface Span {
  readonly number: number;
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
      const span = { number: Math.floor(tag / 8), start: at, end: at + length };
      if (wire === 0) varint();
      else if (wire === 1) at += 8;
      else if (wire === 2) at += length;
      else if (wire === 5) at += 4;
      else throw new RangeError(`wire type ${wire}`);
      yield span;
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
