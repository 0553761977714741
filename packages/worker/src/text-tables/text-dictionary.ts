/** Code of a null. */
export const NULL_CODE = -1;
/** Code of a text with a NUL character, which ONNX Runtime would cut off there. */
export const NUL_CODE = -2;

const MAX_TEXTS = 2 ** 16;
const MAX_CHARACTERS = 2 ** 22;

/** The different texts of a feature that went by, each with a number: most columns have few. */
export class TextDictionary {
  /** Is another one after each `clear`: codes from before mean nothing then. */
  epoch = 0;
  /** How many texts it keeps from one chunk to the next. */
  maxTexts = MAX_TEXTS;
  #texts: string[] = [];
  #characters = 0;
  readonly #byText = new Map<string, number>();

  /** Of all texts. */
  get characters(): number {
    return this.#characters;
  }

  /** By their codes. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /** Has to be called between chunks: forgets all texts, if there are too many. */
  trim(): void {
    if (this.#texts.length > this.maxTexts || this.#characters > MAX_CHARACTERS) this.clear();
  }

  clear(): void {
    this.epoch++;
    this.#texts = [];
    this.#characters = 0;
    this.#byText.clear();
  }

  /** The codes of texts, none of which holds a NUL character. */
  encodeTexts(texts: readonly string[]): Int32Array {
    return Int32Array.from(texts, (text) => this.codeOf(text));
  }

  /** The code of a text, which is a new one where it has not been seen. */
  codeOf(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    if (text.includes('\0')) return NUL_CODE;
    const code = this.#texts.length;
    this.add([text]);
    this.#byText.set(text, code);
    return code;
  }

  /** Adds texts that are looked for by other means than `codeOf`. */
  protected add(texts: readonly string[]): void {
    for (const text of texts) {
      this.#texts.push(text);
      this.#characters += text.length;
    }
  }
}
