import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type BoundChallenger,
  type ChallengerState,
  NumberAgreement,
  type NumbersState,
  RankSample,
  type Scoring,
  scoredColumn,
} from '@shardmill/core';
import { streamChunks } from '../duckdb/chunk-stream.js';
import { columnVector, isValid, vectorValidity, vectorValues } from '../duckdb/raw-vector.js';
import { quoteName } from '../duckdb/quote.js';

/** Which part the files are of. */
export interface PartPlace {
  readonly shard: number;
  readonly part: number;
}

/** What is known of a challenger's rows of a part without reading its file. */
export interface CountedChallenger {
  /** Rows of its share. */
  readonly sampled: number;
  /** Rows of its share that it gave no score for. */
  readonly failed: number;
  /** By the champion's column; others are read. */
  readonly numbers: ReadonlyMap<string, NumbersState>;
}

/**
 * How challengers compare with the champion, read from a part's finished files: they alone decide it,
 * so that it is the same whichever attempt made them, and whichever describes them.
 * @param files the file, or a list of those that have all rows together, as a literal; undefined for none.
 * @param counted what the writer of this file has collected: the same as would be read from it.
 * @returns undefined where the run has no challengers
 */
export async function compareOutputs(
  connection: DuckDBConnection,
  files: string | undefined,
  { challengers }: Pick<Scoring, 'challengers'>,
  place: PartPlace,
  counted: readonly CountedChallenger[] = [],
): Promise<ChallengerState[] | undefined> {
  if (challengers === undefined) return undefined;
  const numbers = new Numbers(challengers, place, counted);
  const counts =
    files === undefined ? [] : await countRows(connection, files, challengers, counted);
  if (files !== undefined) await numbers.read(connection, files);
  let next = 0;
  const count = (): number => counts[next++] ?? 0;
  return challengers.map((challenger, index) => ({
    name: challenger.name,
    sampled: counted[index]?.sampled ?? count(),
    failed: counted[index]?.failed ?? count(),
    columns: challenger.compared.map(({ champion, kind }) => {
      switch (kind) {
        case 'numbers':
          return counted[index]?.numbers.get(champion) ?? numbers.stateOf(index, champion);
        case 'labels':
          return { kind, column: champion, compared: count(), equal: count() };
        default: {
          const unknown: never = kind;
          return unknown;
        }
      }
    }),
  }));
}

const sourceOf = (files: string): string => `read_parquet(${files}, hive_partitioning = false)`;

/** Of each challenger its rows, those that failed, and of each label those that are there and the same. */
async function countRows(
  connection: DuckDBConnection,
  files: string,
  challengers: readonly BoundChallenger[],
  counted: readonly CountedChallenger[],
): Promise<number[]> {
  const items = challengers.flatMap(({ name, compared }, index) => {
    const scored = quoteName(scoredColumn(name));
    const known = counted[index] !== undefined;
    return [
      ...(known ? [] : [`count(${scored})`, `count(*) FILTER (NOT ${scored})`]),
      ...compared.flatMap(({ champion, challenger, kind }) => {
        const same = `${quoteName(champion)} = ${quoteName(challenger)}`;
        return kind === 'numbers' ? [] : [`count(${same})`, `count(*) FILTER (${same})`];
      }),
    ];
  });
  if (items.length === 0) return [];
  const reader = await connection.runAndReadAll(
    `SELECT ${items.join(', ')} FROM ${sourceOf(files)}`,
  );
  return (reader.getRows()[0] ?? []).map(Number);
}

interface ComparedPair {
  readonly challenger: number;
  readonly champion: string;
  readonly sql: readonly string[];
  readonly agreement: NumberAgreement;
  readonly sample: RankSample;
}

/** All columns of numbers that are compared and not known, read at once. */
class Numbers {
  readonly #pairs: readonly ComparedPair[];

  constructor(
    challengers: readonly BoundChallenger[],
    place: PartPlace,
    counted: readonly CountedChallenger[],
  ) {
    this.#pairs = challengers.flatMap(({ compared, bands, rankEvery }, index) =>
      compared
        .filter(
          ({ kind, champion }) =>
            kind === 'numbers' && counted[index]?.numbers.has(champion) !== true,
        )
        .map(({ champion, challenger }) => ({
          challenger: index,
          champion,
          sql: [champion, challenger].map((column) => `${quoteName(column)}::DOUBLE`),
          agreement: new NumberAgreement(bands),
          sample: new RankSample(rankEvery, place),
        })),
    );
  }

  async read(connection: DuckDBConnection, files: string): Promise<void> {
    if (this.#pairs.length === 0) return;
    const items = this.#pairs.flatMap(({ sql }) => sql);
    let first = 0;
    const sql = `SELECT ${items.join(', ')} FROM ${sourceOf(files)}`;
    for await (const chunk of streamChunks(connection, sql)) {
      const rows = chunk.rowCount;
      for (const [index, { agreement, sample }] of this.#pairs.entries()) {
        const vectors = [columnVector(chunk, 2 * index), columnVector(chunk, 2 * index + 1)];
        const [a, b] = vectors.map((vector) => vectorValues(vector, Float64Array, rows));
        const [knowsA = null, knowsB = null] = vectors.map((one) => vectorValidity(one, rows));
        if (a === undefined || b === undefined) continue;
        for (let row = 0; row < rows; row++) {
          if (!isValid(knowsA, row) || !isValid(knowsB, row)) continue;
          agreement.add(a[row] ?? NaN, b[row] ?? NaN, sample.has(first + row));
        }
      }
      first += rows;
    }
  }

  stateOf(challenger: number, champion: string): ChallengerState['columns'][number] {
    const pair = this.#pairs.find(
      (one) => one.challenger === challenger && one.champion === champion,
    );
    return (pair?.agreement ?? new NumberAgreement()).toState(champion);
  }
}
