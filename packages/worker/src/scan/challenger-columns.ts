import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { BoundChallenger, BoundFeature } from '@shardmill/core';
import { columnVector, vectorValues } from '../duckdb/raw-vector.js';
import { type ColumnView, textDictionaries, viewChunk } from './column-view.js';

/** A challenger's columns of some scanned rows: good until the next ones. */
export interface ChallengerViews {
  readonly views: readonly ColumnView[];
  /** 1 for each row of its share; undefined where that is all of them. */
  readonly inShare: Uint8Array | undefined;
}

/** Reads the features of challengers beside the champion's, and those of them that are the same once. */
export class ChallengerColumns {
  /** What is scanned for them, behind the champion's columns. */
  readonly sql: readonly string[];
  readonly #challengers: readonly ChallengerReader[];

  constructor(champion: readonly BoundFeature[], challengers: readonly BoundChallenger[]) {
    const sql: string[] = [];
    const first = columnCount(champion);
    this.#challengers = challengers.map(
      (challenger) => new ChallengerReader(champion, challenger, first, sql),
    );
    this.sql = sql;
  }

  /** @param champion the views of the champion's features, in the order of the scan. */
  view(chunk: DuckDBDataChunk, champion: readonly ColumnView[]): ChallengerViews[] {
    return this.#challengers.map((one) => one.view(chunk, champion));
  }
}

/** Where the columns of a feature are. */
type Place =
  | { readonly of: 'champion'; readonly from: number; readonly to: number }
  | { readonly of: 'challenger'; readonly from: number; readonly to: number };

class ChallengerReader {
  readonly #places: Place[] = [];
  /** Features with columns of their own. */
  readonly #own: BoundFeature[] = [];
  readonly #firstOwn: number;
  readonly #dictionaries: ReturnType<typeof textDictionaries>;
  readonly #shareColumn: number | undefined;

  /** @param sql gets what is scanned; columns are counted from `first` on. */
  constructor(
    champion: readonly BoundFeature[],
    { features, rows }: BoundChallenger,
    first: number,
    sql: string[],
  ) {
    this.#firstOwn = first + sql.length;
    let own = 0;
    for (const feature of features) {
      const count = feature.columns.length;
      const same = champion.findIndex((other) => isSame(feature, other));
      if (same >= 0) {
        const from = columnCount(champion.slice(0, same));
        this.#places.push({ of: 'champion', from, to: from + count });
        continue;
      }
      this.#places.push({ of: 'challenger', from: own, to: own + count });
      own += count;
      this.#own.push(feature);
      sql.push(...feature.columns.map((column) => column.sql));
    }
    this.#dictionaries = textDictionaries(this.#own);
    this.#shareColumn = rows === null ? undefined : first + sql.push(rows) - 1;
  }

  view(chunk: DuckDBDataChunk, champion: readonly ColumnView[]): ChallengerViews {
    const own = viewChunk(
      chunk,
      this.#own,
      this.#dictionaries,
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

const columnCount = (features: readonly BoundFeature[]): number =>
  features.reduce((sum, { columns }) => sum + columns.length, 0);

function isSame(one: BoundFeature, other: BoundFeature): boolean {
  return (
    one.type === other.type &&
    one.layout === other.layout &&
    one.width === other.width &&
    one.columns.length === other.columns.length &&
    one.columns.every(({ sql }, index) => sql === other.columns[index]?.sql)
  );
}
