import type { BoundFeature } from '@shardmill/core';
import { quoteText } from '../duckdb/quote.js';

/** Texts that a feature is expected to have, by its input. */
export type KnownTexts = ReadonlyMap<string, readonly string[]>;

/** Of more texts, comparing one after the other takes longer than an ENUM. */
const MAX_COMPARED = 64;
/** An ENUM of more is long to make, for each part. */
const MAX_KNOWN = 4096;
const MAX_CHARACTERS = 2 ** 17;

/** Those of a feature that DuckDB is to look for; none of a feature that is no text, or of too many. */
export function knownTextsOf(
  { input, type, layout, width }: Pick<BoundFeature, 'input' | 'type' | 'layout' | 'width'>,
  known: KnownTexts,
): readonly string[] {
  if (type !== 'string' || layout !== 'scalars' || width !== 1) return [];
  // SQL knows no such character, and a row that has it is rejected.
  const texts = (known.get(input) ?? []).filter((text) => !text.includes('\0'));
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  return texts.length > MAX_KNOWN || characters > MAX_CHARACTERS ? [] : [...new Set(texts)];
}

/** A text as two columns. */
interface CodedText {
  /** USMALLINT: from 1 on the place among the known texts, or 0. */
  readonly code: string;
  /** The text where the code is 0, null included; else an empty one. */
  readonly text: string;
}

/**
 * Has DuckDB look for known texts: of a column with a dictionary in its file, it does so once for each
 * entry of that.
 */
export function codedText(sql: string, known: readonly string[]): CodedText {
  const list = known.map(quoteText).join(', ');
  const place =
    known.length <= MAX_COMPARED
      ? `list_position([${list}], ${sql})`
      : `(enum_code(TRY_CAST(${sql} AS ENUM (${list}))) + 1)`;
  return {
    code: `coalesce(${place}, 0)::USMALLINT`,
    text: `CASE WHEN ${place} > 0 THEN '' ELSE ${sql} END`,
  };
}
