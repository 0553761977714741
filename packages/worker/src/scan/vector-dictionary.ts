import type { Vector } from '@duckdb/node-bindings';
import { FarTexts } from '../duckdb/far-texts.js';
import { INLINE_BYTES, isValid } from '../duckdb/raw-vector.js';
import { ENTRY_BYTES, textEntries, type TextEntries } from '../duckdb/text-entries.js';
import { BytesTable } from '../text-tables/bytes-table.js';
import { ABSENT, EntryTable } from '../text-tables/entry-table.js';
import { SeekRule } from '../text-tables/seek-rule.js';
import { TextBytes } from '../text-tables/text-bytes.js';
import type { PlacedTexts } from '../text-tables/text-places.js';
import { NUL_CODE, NULL_CODE, TextDictionary } from '../text-tables/text-dictionary.js';

/** Texts as numbers. */
export interface CodedTexts {
  /** Of each row: the place of its text in the dictionary, or one of the codes above. */
  readonly codes: Int32Array;
  /** Whether there are nulls, or texts with a NUL character. */
  readonly faulty: boolean;
}

/** Longer texts are compared as strings: to keep their bytes as well would take much memory. */
const MAX_COMPARED_BYTES = 4096;

/**
 * A dictionary of the texts in VARCHAR vectors. A text is made once, instead of for each row: rows are
 * compared by the 16 bytes that DuckDB has for each, which hold up to 12 bytes of text, and longer ones by
 * their own bytes. Where nearly all texts are different, they are not looked for most of the time.
 */
export class VectorDictionary extends TextDictionary {
  readonly #bytes = new TextBytes();
  readonly #near = new EntryTable();
  readonly #far = new BytesTable(this.#bytes);
  /** Of the texts that have places. */
  #placeCodes = new Int32Array(0);
  #placesEpoch = 0;
  readonly #rule = new SeekRule();
  /** Texts that have codes, but are no strings yet. */
  #fresh: { readonly starts: number[]; readonly lengths: number[] } = { starts: [], lengths: [] };

  /** @param placed texts that come as their places; undefined where all come as they are */
  constructor(readonly placed?: PlacedTexts) {
    super();
  }

  override clear(): void {
    super.clear();
    this.#bytes.clear();
    this.#near.clear();
    this.#far.clear();
    this.#placeCodes.fill(ABSENT);
  }

  override trim(): void {
    if (this.#rule.takeUnsought()) {
      this.clear();
      return;
    }
    const [epoch, kept] = [this.epoch, this.texts.length];
    super.trim();
    if (epoch !== this.epoch) this.#rule.forgotten(kept);
  }

  /**
   * @param rows of a VARCHAR vector
   * @param places of texts; 0 where the text is in the vector
   */
  encode(vector: Vector, rows: number, places?: Uint16Array): CodedTexts {
    if (places !== undefined) this.#addPlaces(places);
    const codes = new Int32Array(rows);
    const placeCodes = this.#placeCodes;
    const seek = this.#rule.isWorth;
    let entries: TextEntries | undefined;
    let far: FarTexts | undefined;
    let faulty = false;
    let fromVector = 0;
    for (let row = 0; row < rows; row++) {
      const place = places?.[row] ?? 0;
      let code = place === 0 ? ABSENT : (placeCodes[place - 1] ?? ABSENT);
      if (place === 0) {
        // Where all texts have places, the vector is not looked at.
        entries ??= textEntries(vector, rows);
        far ??= new FarTexts(entries, rows);
        code = isValid(entries.validity, row) ? this.#codeAt(entries, far, row, seek) : NULL_CODE;
        fromVector++;
      }
      codes[row] = code;
      if (code < 0) faulty = true;
    }
    this.#makeStrings();
    this.#rule.count(seek ? fromVector : rows);
    return { codes, faulty };
  }

  #makeStrings(): void {
    if (this.#fresh.starts.length === 0) return;
    this.add(this.#bytes.strings(this.#fresh));
    this.#fresh = { starts: [], lengths: [] };
  }

  #addPlaces(places: Uint16Array): void {
    const { epoch = 0, texts = [] } = this.placed ?? {};
    if (epoch !== this.#placesEpoch) this.#placeCodes.fill(ABSENT);
    this.#placesEpoch = epoch;
    if (texts.length > this.#placeCodes.length) {
      const room = new Int32Array(texts.length * 2).fill(ABSENT);
      room.set(this.#placeCodes);
      this.#placeCodes = room;
    }
    const codes = this.#placeCodes;
    for (let row = 0; row < places.length; row++) {
      const index = (places[row] ?? 0) - 1;
      if (index >= 0 && codes[index] === ABSENT) codes[index] = this.codeOf(texts[index] ?? '');
    }
  }

  /** @param seek whether to look for the text, and to keep it */
  #codeAt(entries: TextEntries, far: FarTexts, row: number, seek: boolean): number {
    const { words, bytes } = entries;
    const length = words[row * 4] ?? 0;
    if (length >= 0 && length <= INLINE_BYTES) {
      const known = seek ? this.#near.get(words, row * 4) : ABSENT;
      if (known !== ABSENT) return known;
      const code = this.#addFresh(bytes, row * ENTRY_BYTES + 4, length);
      if (seek && code !== NUL_CODE) this.#near.add(words, row * 4, code);
      return code;
    }
    if (length > MAX_COMPARED_BYTES) {
      // Codes are given in the order of the texts.
      this.#makeStrings();
      return this.codeOf(far.text(row));
    }
    const text = far.find(row);
    const known = seek ? this.#far.get(text.bytes, text.start, text.length) : ABSENT;
    if (known !== ABSENT) return known;
    const start = this.#bytes.end;
    const code = this.#addFresh(text.bytes, text.start, text.length);
    if (seek && code !== NUL_CODE) this.#far.add(start, text.length, code);
    return code;
  }

  /** @returns the code that a text will have */
  #addFresh(bytes: Uint8Array, start: number, length: number): number {
    for (let i = start; i < start + length; i++) if (bytes[i] === 0) return NUL_CODE;
    const { starts, lengths } = this.#fresh;
    const code = this.texts.length + starts.length;
    starts.push(this.#bytes.append(bytes, start, length));
    lengths.push(length);
    return code;
  }
}
