import type { ByteWriter } from './byte-writer.js';

/**
 * WebAssembly instructions as nested calls: `i32.add(x, 4)` is code that leaves the sum on the
 * stack. Numbers of opcodes are those of the WebAssembly 2.0 specification, with its SIMD part.
 */
export type WasmExpression = (code: ByteWriter) => void;

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** A parameter or a local variable of a function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** A number stands for a constant of type i32. */
export type Operand = WasmExpression | Local | number;

/** In front of the opcodes of vectors. */
export const SIMD = 0xfd;

/** Opcodes of the instructions that trees are made of. */
export const SimdOpcode = {
  load: 0x00,
  not: 0x4d,
  and: 0x4e,
  /** The bits of the first operand that are not in the second. */
  andNot: 0x4f,
  or: 0x50,
  xor: 0x51,
  /** Bits of the first operand where the third has a one, of the second elsewhere. */
  bitSelect: 0x52,
} as const;

export function emit(code: ByteWriter, operand: Operand): void {
  if (typeof operand === 'function') operand(code);
  else if (typeof operand === 'number') {
    code.byte(0x41);
    code.signed(operand);
  } else {
    code.byte(0x20);
    code.unsigned(operand.index);
  }
}

/** An instruction on operands. */
const plain =
  (opcode: number) =>
  (...operands: readonly Operand[]): WasmExpression =>
  (code) => {
    for (const operand of operands) emit(code, operand);
    code.byte(opcode);
  };

const simd =
  (opcode: number) =>
  (...operands: readonly Operand[]): WasmExpression =>
  (code) => {
    for (const operand of operands) emit(code, operand);
    code.byte(SIMD);
    code.unsigned(opcode);
  };

/** An access to memory: the address plus an offset; `align` is the exponent of two. */
const memory =
  (opcode: number, align: number) =>
  (address: Operand, offset = 0): WasmExpression =>
  (code) => {
    emit(code, address);
    code.byte(opcode);
    code.unsigned(align);
    code.unsigned(offset);
  };

const store =
  (opcode: number, align: number) =>
  (address: Operand, value: Operand, offset = 0): WasmExpression =>
  (code) => {
    emit(code, address);
    emit(code, value);
    code.byte(opcode);
    code.unsigned(align);
    code.unsigned(offset);
  };

const simdMemory =
  (opcode: number, align: number) =>
  (address: Operand, offset = 0): WasmExpression =>
  (code) => {
    emit(code, address);
    code.byte(SIMD);
    code.unsigned(opcode);
    code.unsigned(align);
    code.unsigned(offset);
  };

const lane =
  (opcode: number) =>
  (vector: Operand, index: number): WasmExpression =>
  (code) => {
    emit(code, vector);
    code.byte(SIMD);
    code.unsigned(opcode);
    code.byte(index);
  };

/** A constant whose bytes are those of a typed array. */
const constant =
  (opcode: number, bytesOf: (value: number) => Uint8Array) =>
  (value: number): WasmExpression =>
  (code) => {
    code.byte(opcode);
    code.append(bytesOf(value));
  };

export const i32 = {
  load: memory(0x28, 2),
  load8: memory(0x2d, 0),
  load16: memory(0x2f, 1),
  store: store(0x36, 2),
  store8: store(0x3a, 0),
  store16: store(0x3b, 1),
  equal: plain(0x46),
  notEqual: plain(0x47),
  lessUnsigned: plain(0x49),
  greaterUnsigned: plain(0x4b),
  leadingZeros: plain(0x67),
  add: plain(0x6a),
  subtract: plain(0x6b),
  multiply: plain(0x6c),
  and: plain(0x71),
  or: plain(0x72),
  xor: plain(0x73),
  shiftLeft: plain(0x74),
  shiftRightSigned: plain(0x75),
  shiftRight: plain(0x76),
  fromI64: plain(0xa7),
};

export const i64 = {
  load: memory(0x29, 3),
  store: store(0x37, 3),
  /** A constant of up to 32 bits. */
  constant:
    (value: number): WasmExpression =>
    (code) => {
      code.byte(0x42);
      code.signed(value);
    },
  notEqual: plain(0x52),
  add: plain(0x7c),
  shiftLeft: plain(0x86),
  shiftRight: plain(0x88),
  ofBits: plain(0xbd),
};

export const f32 = {
  constant: constant(0x43, (value) => new Uint8Array(Float32Array.of(value).buffer)),
  load: memory(0x2a, 2),
  store: store(0x38, 2),
  equal: plain(0x5b),
  notEqual: plain(0x5c),
  less: plain(0x5d),
  greater: plain(0x5e),
  absolute: plain(0x8b),
  negate: plain(0x8c),
  add: plain(0x92),
  subtract: plain(0x93),
  multiply: plain(0x94),
  divide: plain(0x95),
  fromF64: plain(0xb6),
};

export const f64 = {
  constant: constant(0x44, (value) => new Uint8Array(Float64Array.of(value).buffer)),
  load: memory(0x2b, 3),
  store: store(0x39, 3),
  equal: plain(0x61),
  notEqual: plain(0x62),
  less: plain(0x63),
  greater: plain(0x64),
  absolute: plain(0x99),
  add: plain(0xa0),
  subtract: plain(0xa1),
  multiply: plain(0xa2),
  fromF32: plain(0xbb),
  ofBits: plain(0xbf),
};

export const i64x2 = { shiftLeft: simd(0xcb), shiftRight: simd(0xcd) };

export const i16x8 = { narrowI32x4: simd(0x85) };

export const i8x16 = { narrowI16x8: simd(0x65) };

export const i32x4 = { extractLane: lane(0x1b) };

export const f32x4 = {
  notEqual: simd(0x42),
  greater: simd(0x44),
  add: simd(0xe4),
  multiply: simd(0xe6),
  /** `b < a ? b : a`, so that a NaN in `b` gives `a`. */
  pseudoMinimum: simd(0xea),
  /** `a < b ? b : a`, so that a NaN in `b` gives `a`. */
  pseudoMaximum: simd(0xeb),
};

export const v128 = {
  load: simdMemory(SimdOpcode.load, 4),
  /** Four times the same number of 32 bits. */
  loadSplat: simdMemory(0x09, 2),
  store:
    (address: Operand, value: Operand, offset = 0): WasmExpression =>
    (code) => {
      emit(code, address);
      emit(code, value);
      code.byte(SIMD);
      code.unsigned(0x0b);
      code.unsigned(4);
      code.unsigned(offset);
    },
  /** Sixteen times the same byte. */
  ofByte:
    (byte: number): WasmExpression =>
    (code) => {
      code.byte(SIMD);
      code.unsigned(0x0c);
      for (let i = 0; i < 16; i++) code.byte(byte);
    },
  and: simd(SimdOpcode.and),
  or: simd(SimdOpcode.or),
  xor: simd(SimdOpcode.xor),
  /** Four times the same f32. */
  splatF32: simd(0x13),
  /** Four words of 32 bits, each from the first operand (0 to 3) or from the second (4 to 7). */
  shuffleWords:
    (a: Operand, b: Operand, words: readonly number[]): WasmExpression =>
    (code) => {
      emit(code, a);
      emit(code, b);
      code.byte(SIMD);
      code.unsigned(0x0d);
      for (const word of words) for (let i = 0; i < 4; i++) code.byte(4 * word + i);
    },
};

/** The first operand if the condition is not zero, else the second. */
export const select = plain(0x1b);

/** Sets `length` bytes from `address` on to zero. */
export const zeroMemory =
  (address: Operand, length: Operand): WasmExpression =>
  (code) => {
    emit(code, address);
    emit(code, 0);
    emit(code, length);
    code.append(Uint8Array.of(0xfc, 0x0b, 0x00));
  };
