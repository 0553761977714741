import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { BoundFeature, TensorType } from '@shardmill/core';
import {
  columnVector,
  isWhole,
  listRows,
  type NumberArray,
  vectorValidity,
  vectorValues,
} from '../duckdb/raw-vector.js';
import { readTexts } from '../duckdb/read-texts.js';
import type { Vector } from '@duckdb/node-bindings';
import type { ImageColumn } from '../images/image-column.js';
import type { ImageLoader } from '../images/image-loader.js';
import { viewImages } from '../images/view-images.js';
import type { TokensView } from '../text/tokens-view.js';
import { NO_PLACES, type PlacesByInput } from '../text-tables/text-places.js';
import { type CodedTexts, VectorDictionary } from './vector-dictionary.js';

/**
 * One scanned column for a range of rows, wherever it comes from (a DuckDB chunk, or the Arrow
 * batch of a transform). A validity mask has one bit per row, set where the row is not null.
 */
export type ColumnView =
  | { readonly kind: 'numbers'; readonly values: NumberArray; readonly validity: Uint8Array | null }
  | { readonly kind: 'texts'; readonly texts: readonly (string | undefined)[] }
  /** Tokens of a column of texts. */
  | TokensView
  | ({ readonly kind: 'codes'; readonly texts: readonly string[] } & CodedTexts)
  | { readonly kind: 'images'; readonly column: ImageColumn }
  | {
      readonly kind: 'lists';
      /** Where all rows are lists of one width, one behind the other, and nothing is null. */
      readonly plain?: PlainLists | undefined;
      readonly validity: Uint8Array | null;
      /** Offset of each row's elements in `elements`, and their number. */
      readonly offsets: ArrayLike<number | bigint>;
      readonly lengths: ArrayLike<number | bigint>;
      readonly elements: Extract<ColumnView, { kind: 'numbers' | 'texts' }>;
    };

interface PlainLists {
  readonly width: number;
  /** Of the first row's elements. */
  readonly start: number;
}

/** How many columns are scanned for these features. */
export const columnCount = (features: readonly BoundFeature[]): number =>
  features.reduce((sum, { columns }) => sum + columns.length, 0);

/** A dictionary for each feature whose columns hold texts. */
export function textDictionaries(
  features: readonly BoundFeature[],
  places: PlacesByInput = NO_PLACES,
): (VectorDictionary | undefined)[] {
  return features.map((feature) =>
    feature.type === 'string' && feature.layout === 'scalars'
      ? new VectorDictionary(places.get(feature.input)?.placed)
      : undefined,
  );
}

/**
 * The columns of a chunk that features are made of, in the order of the scan.
 * @param dictionaries of the features; the codes of one chunk are good until the next one.
 * @param firstPlaces the column with the places of the first feature whose texts have any
 * @param images loads those of features that are images.
 * @param firstColumn of the chunk, where others come before.
 */
export function viewChunk(
  chunk: DuckDBDataChunk,
  features: readonly BoundFeature[],
  dictionaries: readonly (VectorDictionary | undefined)[],
  firstPlaces?: number,
  images?: ImageLoader,
  firstColumn = 0,
): ColumnView[] {
  const rows = chunk.rowCount;
  const views: ColumnView[] = [];
  let nextPlaces = firstPlaces ?? 0;
  for (const [index, feature] of features.entries()) {
    const dictionary = dictionaries[index];
    dictionary?.trim();
    for (let i = 0; i < feature.columns.length; i++) {
      const vector = columnVector(chunk, firstColumn + views.length);
      if (feature.layout === 'image') {
        views.push({ kind: 'images', column: viewImages(vector, rows, feature, images) });
      } else if (feature.layout === 'list') views.push(viewList(vector, feature.type, rows));
      else if (feature.layout === 'tokens') views.push(viewScalars(vector, 'string', rows));
      else if (dictionary === undefined) views.push(viewScalars(vector, feature.type, rows));
      else {
        const hasPlaces = firstPlaces !== undefined && dictionary.placed !== undefined;
        const places = hasPlaces ? columnVector(chunk, nextPlaces++) : undefined;
        const coded = dictionary.encode(
          vector,
          rows,
          places && vectorValues(places, Uint16Array, rows),
        );
        views.push({ kind: 'codes', texts: dictionary.texts, ...coded });
      }
    }
  }
  return views;
}

function viewList(vector: Vector, type: TensorType, rows: number): ColumnView {
  const { offsets, lengths, child, childRows } = listRows(vector, rows);
  const validity = vectorValidity(vector, rows);
  const elements = viewScalars(child, type, childRows);
  // DuckDB's reader leaves masks without a null.
  const whole =
    elements.kind === 'numbers' && isWhole(elements.validity, childRows)
      ? { ...elements, validity: null }
      : undefined;
  return {
    kind: 'lists',
    plain: whole && isWhole(validity, rows) ? plainLists(offsets, lengths) : undefined,
    validity,
    offsets,
    lengths,
    elements: whole ?? elements,
  };
}

function plainLists(offsets: Float64Array, lengths: Float64Array): PlainLists | undefined {
  const [start = 0, width = 0] = [offsets[0], lengths[0]];
  for (let row = 0; row < offsets.length; row++) {
    if (lengths[row] !== width || offsets[row] !== start + row * width) return undefined;
  }
  return { start, width };
}

function viewScalars(
  vector: Vector,
  type: TensorType,
  rows: number,
): Extract<ColumnView, { kind: 'numbers' | 'texts' }> {
  if (type === 'string') {
    const texts: (string | undefined)[] = [];
    readTexts(vector, 0, rows, rows, (_, text) => texts.push(text));
    return { kind: 'texts', texts };
  }
  return {
    kind: 'numbers',
    values: scannedValues(vector, type, rows),
    validity: vectorValidity(vector, rows),
  };
}

function scannedValues(
  vector: Vector,
  type: Exclude<TensorType, 'string'>,
  rows: number,
): NumberArray {
  switch (type) {
    case 'float32':
    case 'float16':
      return vectorValues(vector, Float32Array, rows);
    case 'float64':
      return vectorValues(vector, Float64Array, rows);
    case 'int8':
      return vectorValues(vector, Int8Array, rows);
    case 'uint8':
    case 'bool':
      return vectorValues(vector, Uint8Array, rows);
    case 'int16':
      return vectorValues(vector, Int16Array, rows);
    case 'uint16':
      return vectorValues(vector, Uint16Array, rows);
    case 'int32':
      return vectorValues(vector, Int32Array, rows);
    case 'int64':
      return vectorValues(vector, BigInt64Array, rows);
    case 'uint32':
      return vectorValues(vector, Uint32Array, rows);
    case 'uint64':
      return vectorValues(vector, BigUint64Array, rows);
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}
