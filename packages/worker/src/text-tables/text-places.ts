import type { BoundFeature } from '@shardmill/core';
import { quoteText } from '../duckdb/quote.js';

/** Texts by their places, which are counted from 1 on. */
export interface PlacedTexts {
  /** Is another one where places have other texts than before. */
  readonly epoch: number;
  /** May grow, at its end. */
  readonly texts: readonly string[];
}

/** How DuckDB finds the places of a feature's texts. */
export interface TextPlaces {
  readonly placed: PlacedTexts;
  /**
   * SQL of a text's place: 0 or null where it has none. Undefined where none are looked for in this part.
   * @param sql of the text
   */
  place(sql: string): string | undefined;
  /** What has to be computed below the query that asks for places, as a column with its name. */
  column(sql: string): string | undefined;
}

/** By the inputs of those features that have any. */
export type PlacesByInput = ReadonlyMap<string, TextPlaces>;

export const NO_PLACES: PlacesByInput = new Map();

/** Of more texts, comparing one after the other takes longer than an ENUM. */
const MAX_COMPARED = 64;
/** An ENUM of more is long to make, for each part. */
const MAX_NAMED = 4096;
const MAX_CHARACTERS = 2 ** 17;

/** Whether an input has one text per row, from a column. */
export function isOneText({
  type,
  layout,
  width,
}: Pick<BoundFeature, 'type' | 'layout' | 'width'>): boolean {
  return type === 'string' && layout === 'scalars' && width === 1;
}

/** Places of texts that encoders name. @returns undefined where there are none, or too many */
export function namedPlaces(names: readonly string[]): TextPlaces | undefined {
  // SQL knows no such character, and a row that has it is rejected.
  const texts = [...new Set(names)].filter((text) => !text.includes('\0'));
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  if (texts.length === 0 || texts.length > MAX_NAMED || characters > MAX_CHARACTERS)
    return undefined;
  const list = texts.map(quoteText).join(', ');
  return {
    placed: { epoch: 0, texts },
    place: (sql) =>
      texts.length <= MAX_COMPARED
        ? `list_position([${list}], ${sql})`
        : `(enum_code(TRY_CAST(${sql} AS ENUM (${list}))) + 1)`,
    column: () => undefined,
  };
}

/** A text as two columns. */
interface CodedText {
  /** USMALLINT: the place of the text, or 0. */
  readonly code: string;
  /** The text where the code is 0, null included; else an empty one. */
  readonly text: string;
}

/**
 * Has DuckDB look for the places of texts: of a column with a dictionary in its file, it does so once for
 * each entry of that.
 */
export function codedText(sql: string, places: TextPlaces): CodedText {
  const place = places.place(sql);
  if (place === undefined) return { code: '0::USMALLINT', text: sql };
  return {
    code: `coalesce(${place}, 0)::USMALLINT`,
    text: `CASE WHEN ${place} > 0 THEN '' ELSE ${sql} END`,
  };
}
