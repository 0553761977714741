import type { Vector } from '@duckdb/node-bindings';
import { FarTexts } from '../duckdb/far-texts.js';
import { INLINE_BYTES, isValid } from '../duckdb/raw-vector.js';
import { nearText, textEntries, type TextEntries } from '../duckdb/text-entries.js';
import { ABSENT, EntryTable } from '../text-tables/entry-table.js';
import { NULL_CODE, TextDictionary } from '../text-tables/text-dictionary.js';

/** Texts as numbers. */
export interface CodedTexts {
  /** Of each row: the place of its text in the dictionary, or one of the codes above. */
  readonly codes: Int32Array;
  /** Whether there are nulls, or texts with a NUL character. */
  readonly faulty: boolean;
}

/**
 * A dictionary of the texts in VARCHAR vectors. A text is made once, instead of for each row: rows are
 * compared by the 16 bytes that DuckDB has for each. Up to 12 bytes of text are in them; of a longer
 * one they have the address, which rows of one page of a file share.
 */
export class VectorDictionary extends TextDictionary {
  readonly #near = new EntryTable();
  readonly #far = new EntryTable();
  /** Of each known text. */
  readonly #knownCodes: Int32Array;

  /** @param known texts that come as their places in this list, counted from 1 (`known-texts.ts`) */
  constructor(readonly known: readonly string[] = []) {
    super();
    this.#knownCodes = new Int32Array(known.length).fill(ABSENT);
  }

  override clear(): void {
    super.clear();
    this.#near.clear();
    this.#far.clear();
    this.#knownCodes.fill(ABSENT);
  }

  /**
   * @param rows of a VARCHAR vector
   * @param places of known texts; 0 where the text is in the vector
   */
  encode(vector: Vector, rows: number, places?: Uint16Array): CodedTexts {
    const codes = new Int32Array(rows);
    const knownCodes = this.#knownCodes;
    // Addresses are those of this chunk.
    this.#far.clear();
    let entries: TextEntries | undefined;
    let far: FarTexts | undefined;
    let faulty = false;
    for (let row = 0; row < rows; row++) {
      const place = places?.[row] ?? 0;
      let code = place === 0 ? ABSENT : (knownCodes[place - 1] ?? ABSENT);
      if (code === ABSENT) {
        if (place > 0) code = this.#knownCode(place - 1);
        else {
          // Where all texts are known ones, the vector is not looked at.
          entries ??= textEntries(vector, rows);
          far ??= new FarTexts(entries, rows);
          code = isValid(entries.validity, row) ? this.#codeAt(entries, far, row) : NULL_CODE;
        }
      }
      codes[row] = code;
      if (code < 0) faulty = true;
    }
    return { codes, faulty };
  }

  #knownCode(place: number): number {
    const code = this.codeOf(this.known[place] ?? '');
    this.#knownCodes[place] = code;
    return code;
  }

  #codeAt({ words, bytes }: TextEntries, far: FarTexts, row: number): number {
    const isNear = (words[row * 4] ?? 0) <= INLINE_BYTES;
    const table = isNear ? this.#near : this.#far;
    const known = table.get(words, row * 4);
    if (known !== ABSENT) return known;
    const code = this.codeOf(isNear ? nearText(bytes, row) : far.text(row));
    table.add(words, row * 4, code);
    return code;
  }
}
