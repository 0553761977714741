import { ByteWriter } from './byte-writer.js';
import type { ValueType } from './expressions.js';
import type { FunctionBody } from './function-body.js';

const TYPE_CODES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

const PAGE_BYTES = 65_536;

/** A module with a memory of its own, functions of i32 parameters without results, and data. */
export class ModuleBuilder {
  readonly #functions: FunctionBody[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];
  readonly #data: { readonly address: number; readonly bytes: Uint8Array }[] = [];

  /** @returns the index by which others call it */
  function(body: FunctionBody, name?: string): number {
    const index = this.#functions.push(body) - 1;
    if (name !== undefined) this.#exports.push({ name, index });
    return index;
  }

  /** Bytes that are in memory from the beginning on. */
  data(address: number, bytes: Uint8Array): void {
    this.#data.push({ address, bytes });
  }

  /**
   * @param memoryBytes size of the memory, which is exported as `memory`
   * @param maxMemoryBytes to which it can grow
   */
  encode(memoryBytes: number, maxMemoryBytes = memoryBytes): Uint8Array {
    const functions = this.#functions;
    const widest = functions.reduce((most, { parameters }) => Math.max(most, parameters.length), 0);
    const module = new ByteWriter(PAGE_BYTES);
    module.append(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    // Type n is a function of n parameters.
    section(module, 1, (part) => {
      part.unsigned(widest + 1);
      for (let count = 0; count <= widest; count++) {
        part.byte(0x60);
        part.unsigned(count);
        for (let i = 0; i < count; i++) part.byte(TYPE_CODES.i32);
        part.unsigned(0);
      }
    });
    section(module, 3, (part) => {
      part.unsigned(functions.length);
      for (const { parameters } of functions) part.unsigned(parameters.length);
    });
    section(module, 5, (part) => {
      part.unsigned(1);
      part.byte(1);
      part.unsigned(Math.ceil(memoryBytes / PAGE_BYTES));
      part.unsigned(Math.ceil(maxMemoryBytes / PAGE_BYTES));
    });
    section(module, 7, (part) => {
      part.unsigned(1 + this.#exports.length);
      part.text('memory');
      part.byte(2);
      part.unsigned(0);
      for (const { name, index } of this.#exports) {
        part.text(name);
        part.byte(0);
        part.unsigned(index);
      }
    });
    section(module, 10, (part) => {
      part.unsigned(functions.length);
      for (const body of functions) encodeBody(part, body);
    });
    section(module, 11, (part) => {
      part.unsigned(this.#data.length);
      for (const { address, bytes } of this.#data) {
        part.byte(0);
        part.byte(0x41);
        part.signed(address);
        part.byte(0x0b);
        part.unsigned(bytes.length);
        part.append(bytes);
      }
    });
    return module.bytes;
  }
}

function section(module: ByteWriter, id: number, write: (part: ByteWriter) => void): void {
  const part = new ByteWriter(1024);
  write(part);
  module.byte(id);
  module.unsigned(part.length);
  module.append(part.bytes);
}

/** Declares the locals as runs of one type, then the code. */
function encodeBody(into: ByteWriter, { localTypes, code }: FunctionBody): void {
  const runs: { readonly type: ValueType; count: number }[] = [];
  for (const type of localTypes) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  const head = new ByteWriter();
  head.unsigned(runs.length);
  for (const { type, count } of runs) {
    head.unsigned(count);
    head.byte(TYPE_CODES[type]);
  }
  into.unsigned(head.length + code.length + 1);
  into.append(head.bytes);
  into.append(code.bytes);
  into.byte(0x0b);
}
