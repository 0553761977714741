import { ByteWriter } from './byte-writer.js';
import { emit, type Expression, type Local, type Operand, type ValueType } from './expressions.js';

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
    this.code.byte(0x21);
    this.code.unsigned(local.index);
  }

  add(local: Local, value: Operand): void {
    emit(this.code, local);
    emit(this.code, value);
    this.code.byte(0x6a);
    this.code.byte(0x21);
    this.code.unsigned(local.index);
  }

  /** Expressions that leave nothing on the stack, like stores. */
  run(...statements: readonly Expression[]): void {
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
