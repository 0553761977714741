import { NotForKernelError } from '../not-for-kernel.js';
import { ProtobufReader } from './protobuf-reader.js';

/** The attributes of one node (`AttributeProto`), decoded as they are asked for. */
export class Attributes {
  readonly #encoded = new Map<string, Uint8Array>();

  /** @param node a `NodeProto` */
  constructor(node: Uint8Array) {
    for (const field = new ProtobufReader(node); field.next(); ) {
      if (field.number !== 5) continue;
      const bytes = field.content;
      for (const part = new ProtobufReader(bytes); part.next(); ) {
        if (part.number !== 1) continue;
        this.#encoded.set(part.text, bytes);
        break;
      }
    }
  }

  has(name: string): boolean {
    return this.#encoded.has(name);
  }

  integer(name: string, ifAbsent: number): number {
    let value = ifAbsent;
    this.#each(name, 3, (field) => {
      ({ value } = field);
    });
    return value;
  }

  text(name: string, ifAbsent: string): string {
    let value = ifAbsent;
    this.#each(name, 4, (field) => {
      value = field.text;
    });
    return value;
  }

  /** Empty where there is no such attribute. @throws RangeError beyond 32 bits */
  integers(name: string): Int32Array {
    // A value takes a byte at least.
    const list = new Int32Array(this.#size(name));
    let count = 0;
    this.#each(name, 8, (field) => {
      count = field.putIntegers(list, count);
    });
    return list.subarray(0, count);
  }

  floats(name: string): Float32Array {
    // A value takes four bytes at least.
    const list = new Float32Array(this.#size(name) >> 2);
    let count = 0;
    this.#each(name, 7, (field) => {
      count = field.putFloats(list, count);
    });
    return list.subarray(0, count);
  }

  texts(name: string): string[] {
    const list: string[] = [];
    this.#each(name, 9, (field) => list.push(field.text));
    return list;
  }

  /** Calls with each text's bytes, without a string for each. */
  eachText(name: string, read: (bytes: Uint8Array, start: number, end: number) => void): void {
    this.#each(name, 9, ({ bytes, start, end }) => read(bytes, start, end));
  }

  /** The values of a tensor of float or of uint8; empty where there is no such attribute. */
  tensor(name: string): Float32Array {
    const tensor = this.tensorBytes(name);
    return tensor === undefined ? new Float32Array(0) : readTensor(name, tensor);
  }

  /** A tensor as it is encoded (`TensorProto`). */
  tensorBytes(name: string): Uint8Array | undefined {
    let tensor: Uint8Array | undefined;
    this.#each(name, 5, (field) => {
      tensor = field.content;
    });
    return tensor;
  }

  /** Bytes of the encoded attribute. */
  #size(name: string): number {
    return this.#encoded.get(name)?.length ?? 0;
  }

  #each(name: string, number: number, read: (field: ProtobufReader) => void): void {
    const bytes = this.#encoded.get(name);
    if (bytes === undefined) return;
    for (const field = new ProtobufReader(bytes); field.next(); ) {
      if (field.number === number) read(field);
    }
  }
}

const FLOAT = 1;
const UINT8 = 2;

/** `TensorProto`: the values are in a field of their type, or in one as raw bytes. */
function readTensor(name: string, bytes: Uint8Array): Float32Array {
  let type = 0;
  let raw: Uint8Array | undefined;
  const list = new Float32Array(bytes.length);
  let count = 0;
  for (const field = new ProtobufReader(bytes); field.next(); ) {
    if (field.number === 2) type = field.value;
    if (field.number === 4) count = field.putFloats(list, count);
    if (field.number === 5) count = putBytes(field, list, count);
    if (field.number === 9) raw = field.content;
    if (field.number === 14 && field.value !== 0) {
      throw new NotForKernelError(`${name} is outside of the model's file`);
    }
  }
  if (type !== FLOAT && type !== UINT8) {
    throw new NotForKernelError(`${name} is a tensor of ONNX type ${type}, not of float`);
  }
  if (raw === undefined || raw.length === 0) return list.subarray(0, count);
  return type === UINT8 ? Float32Array.from(raw) : new Float32Array(raw.slice().buffer);
}

function putBytes(field: ProtobufReader, list: Float32Array, at: number): number {
  const integers = new Int32Array(field.end - field.start);
  const count = field.putIntegers(integers, 0);
  list.set(integers.subarray(0, count), at);
  return at + count;
}
