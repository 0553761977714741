import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { BoundChallenger, BoundFeature } from '@shardmill/core';
import { columnVector, vectorValues } from '../duckdb/raw-vector.js';
import { type ColumnView, columnCount, textDictionaries, viewChunk } from './column-view.js';

/** A challenger's columns of some scanned rows: good until the next ones. */
export interface ChallengerViews {
  readonly views: readonly ColumnView[];
  /** 1 for each row of its share; undefined where that is all of them. */
  readonly inShare: Uint8Array | undefined;
}

/** A column that is scanned for a challenger: of a feature, or whether a row is in its share. */
export interface ChallengerColumn {
  readonly sql: string;
  readonly feature: BoundFeature | undefined;
}

interface ChallengerPlace {
  /** Of the chunk's columns, the first that is a challenger's. */
  readonly firstColumn: number;
  /** Whether texts are read for each challenger by itself, as tables of texts need them. */
  readonly ownTexts?: boolean;
}

/** Reads the features of challengers beside the champion's, and those of them that are the same once. */
export class ChallengerColumns {
  /** What is scanned for them, behind all other columns. */
  readonly columns: readonly ChallengerColumn[];
  readonly readers: readonly ChallengerReader[];

  constructor(
    champion: readonly BoundFeature[],
    challengers: readonly BoundChallenger[],
    { firstColumn, ownTexts = false }: ChallengerPlace,
  ) {
    const columns: ChallengerColumn[] = [];
    const shared = (one: BoundFeature): number =>
      ownTexts && one.type === 'string' ? -1 : champion.findIndex((other) => isSame(one, other));
    this.readers = challengers.map(
      (challenger) => new ChallengerReader(champion, challenger, firstColumn, columns, shared),
    );
    this.columns = columns;
  }
}

/** Where the columns of a feature are. */
type Place =
  | { readonly of: 'champion'; readonly from: number; readonly to: number }
  | { readonly of: 'challenger'; readonly from: number; readonly to: number };

/** Reads the columns of one challenger. */
export class ChallengerReader {
  /** Of each feature, the champion's that it is the same as. */
  readonly sharedWith: readonly (number | undefined)[];
  /** Of each feature that has columns of texts of its own. */
  readonly dictionaries: ReturnType<typeof textDictionaries>;
  readonly #places: Place[] = [];
  /** Features with columns of their own. */
  readonly #own: BoundFeature[] = [];
  readonly #firstOwn: number;
  readonly #ownDictionaries: ReturnType<typeof textDictionaries>;
  readonly #shareColumn: number | undefined;

  /**
   * @param columns gets what is scanned; columns are counted from `first` on.
   * @param shared the champion's feature that is the same, or -1.
   */
  constructor(
    champion: readonly BoundFeature[],
    { features, rows }: BoundChallenger,
    first: number,
    columns: ChallengerColumn[],
    shared: (feature: BoundFeature) => number,
  ) {
    this.#firstOwn = first + columns.length;
    let own = 0;
    const places = features.map(shared);
    this.sharedWith = places.map((same) => (same >= 0 ? same : undefined));
    for (const [index, feature] of features.entries()) {
      const count = feature.columns.length;
      const same = places[index] ?? -1;
      if (same >= 0) {
        const from = columnCount(champion.slice(0, same));
        this.#places.push({ of: 'champion', from, to: from + count });
        continue;
      }
      this.#places.push({ of: 'challenger', from: own, to: own + count });
      own += count;
      this.#own.push(feature);
      columns.push(...feature.columns.map(({ sql }) => ({ sql, feature })));
    }
    this.#ownDictionaries = textDictionaries(this.#own);
    this.dictionaries = features.map(
      (feature) => this.#ownDictionaries[this.#own.indexOf(feature)],
    );
    this.#shareColumn =
      rows === null ? undefined : first + columns.push({ sql: rows, feature: undefined }) - 1;
  }

  /** @param champion the views of the champion's features, in the order of the scan. */
  view(chunk: DuckDBDataChunk, champion: readonly ColumnView[]): ChallengerViews {
    const own = viewChunk(
      chunk,
      this.#own,
      this.#ownDictionaries,
      undefined,
      undefined,
      this.#firstOwn,
    );
    const views = this.#places.flatMap(({ of, from, to }) =>
      (of === 'champion' ? champion : own).slice(from, to),
    );
    const inShare =
      this.#shareColumn === undefined
        ? undefined
        : vectorValues(columnVector(chunk, this.#shareColumn), Uint8Array, chunk.rowCount);
    return { views, inShare };
  }
}

function isSame(one: BoundFeature, other: BoundFeature): boolean {
  return (
    one.type === other.type &&
    one.layout === other.layout &&
    one.width === other.width &&
    one.columns.length === other.columns.length &&
    one.columns.every(({ sql }, index) => sql === other.columns[index]?.sql)
  );
}
