import { ByteWriter } from './byte-writer.js';
import {
  emit,
  type WasmExpression,
  type Local,
  type Operand,
  SIMD,
  SimdOpcode,
  type ValueType,
} from './expressions.js';

const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;

/** The code of one function without a result, statement by statement. */
export class FunctionBody {
  readonly code = new ByteWriter(1024);
  readonly parameters: readonly Local[];
  readonly #types: ValueType[] = [];
  readonly #free = new Map<ValueType, Local[]>();

  /** @param parameters how many; all of them are of type i32 */
  constructor(parameters = 0) {
    this.parameters = Array.from({ length: parameters }, (_, index) => ({ index, type: 'i32' }));
  }

  /** Types of the local variables, in their order. */
  get localTypes(): readonly ValueType[] {
    return this.#types;
  }

  /** A local variable; it may be one that was released, and has its last value then. */
  local(type: ValueType): Local {
    const reused = this.#free.get(type)?.pop();
    if (reused !== undefined) return reused;
    this.#types.push(type);
    return { index: this.parameters.length + this.#types.length - 1, type };
  }

  locals(count: number, type: ValueType): Local[] {
    return Array.from({ length: count }, () => this.local(type));
  }

  release(...locals: readonly Local[]): void {
    for (const local of locals) {
      const free = this.#free.get(local.type);
      if (free === undefined) this.#free.set(local.type, [local]);
      else free.push(local);
    }
  }

  set(local: Local, value: Operand): void {
    emit(this.code, value);
    this.code.byte(LOCAL_SET);
    this.code.unsigned(local.index);
  }

  /** The same for a SIMD instruction on local variables alone, as trees have by the ten thousand. */
  setVector(local: Local, opcode: number, a: Local, b?: Local, c?: Local): void {
    const { code } = this;
    get(code, a);
    if (b !== undefined) get(code, b);
    if (c !== undefined) get(code, c);
    code.byte(SIMD);
    code.unsigned(opcode);
    code.byte(LOCAL_SET);
    code.unsigned(local.index);
  }

  /** Sets a local to the vector at a constant distance from an address. */
  loadVector(local: Local, address: Local, offset: number): void {
    const { code } = this;
    get(code, address);
    code.byte(SIMD);
    code.unsigned(SimdOpcode.load);
    code.unsigned(4);
    code.unsigned(offset);
    code.byte(LOCAL_SET);
    code.unsigned(local.index);
  }

  add(local: Local, value: Operand): void {
    emit(this.code, local);
    emit(this.code, value);
    this.code.byte(0x6a);
    this.code.byte(LOCAL_SET);
    this.code.unsigned(local.index);
  }

  /** Expressions that leave nothing on the stack, like stores. */
  run(...statements: readonly WasmExpression[]): void {
    for (const statement of statements) statement(this.code);
  }

  call(index: number, ...operands: readonly Operand[]): void {
    for (const operand of operands) emit(this.code, operand);
    this.code.byte(0x10);
    this.code.unsigned(index);
  }

  /** Runs `body`, and again as long as `again` is not zero after it. */
  loop(body: () => void, again: Operand): void {
    this.code.byte(0x03);
    this.code.byte(0x40);
    body();
    emit(this.code, again);
    this.code.byte(0x0d);
    this.code.unsigned(0);
    this.code.byte(0x0b);
  }

  /** Runs `body` if the condition is not zero. */
  if(condition: Operand, body: () => void): void {
    emit(this.code, condition);
    this.code.byte(0x04);
    this.code.byte(0x40);
    body();
    this.code.byte(0x0b);
  }
}

function get(code: ByteWriter, local: Local): void {
  code.byte(LOCAL_GET);
  code.unsigned(local.index);
}
