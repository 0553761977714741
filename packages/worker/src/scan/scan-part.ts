import type { DuckDBConnection } from '@duckdb/node-api';
import { streamChunks } from '../duckdb/chunk-stream.js';
import { columnVector, vectorValues } from '../duckdb/raw-vector.js';
import { quoteName } from '../duckdb/quote.js';
import { type Batch, BatchBuilder, type FeedPool } from './batch-builder.js';
import { ChallengerBatchBuilder } from './challenger-batch.js';
import { ChallengerColumns, type ChallengerViews } from './challenger-columns.js';
import type { FeatureProfile } from '../profile/feature-profile.js';
import type { ImageLoader } from '../images/image-loader.js';
import { type ColumnView, textDictionaries, viewChunk } from './column-view.js';
import { KEY } from './part-source.js';
import type { Scoring } from '@shardmill/core';
import type { TextTokenizer } from '../text/text-tokenizer.js';
import { asSecondText } from '../text/tokens-view.js';
import type { LoadedTransform } from './transform-batch.js';

export interface ScanOptions extends ViewOptions {
  readonly scoring: Scoring;
  readonly pool: FeedPool;
  /** Of the challengers, each with as much room as `pool`. */
  readonly challengers: readonly FeedPool[];
  /** Rows of the batch that is begun next: those of the pool, or fewer. */
  readonly batchRows: () => number;
  /** Where a feature is made of tokens. */
  readonly tokenizer: TextTokenizer | undefined;
  /** Gets the features of all rows. */
  readonly profile: FeatureProfile | undefined;
}

/** What the features of a part are read by. */
export interface ViewOptions {
  readonly scoring: Pick<Scoring, 'features' | 'transform' | 'challengers'>;
  /** The part's rows, from `partSource`. */
  readonly source: string;
  readonly transform: LoadedTransform | undefined;
  /** Loads the images of features that are some. */
  readonly images: ImageLoader | undefined;
  readonly signal: AbortSignal;
}

/**
 * Streams the features of a part and packs them into batches of as many rows as are wanted; the last
 * one may be shorter. @throws whatever DuckDB throws, NULL_FEATURE, TRANSFORM_FAILED
 */
export async function* scanPart(
  connection: DuckDBConnection,
  options: ScanOptions,
): AsyncGenerator<Batch> {
  const { scoring, pool, challengers, batchRows, tokenizer, profile } = options;
  const builder = new BatchBuilder(pool, scoring.nulls, batchRows);
  const others = challengers.map((feeds) => new ChallengerBatchBuilder(feeds, scoring.nulls));
  const finish = (): Batch => ({
    ...builder.finish(),
    ...(others.length > 0 && { challengers: others.map((other) => other.finish()) }),
  });
  for await (const { rows, keys, views: scanned, ...read } of scanViews(connection, options)) {
    profile?.add(scanned, keys);
    const views =
      tokenizer === undefined ? scanned : await withTokens(scanned, scoring.features, tokenizer);
    const loading = views.flatMap((view) => (view.kind === 'images' ? [view.column] : []));
    for (let from = 0; from < rows; ) {
      const to = Math.min(rows, from + builder.space);
      await Promise.all(loading.map((column) => column.load(from, to)));
      builder.add(views, keys, from, to);
      for (const [index, own] of read.challengers.entries()) others[index]?.add(own, from, to);
      for (const column of loading) column.release(from, to);
      if (builder.space === 0) yield finish();
      from = to;
    }
  }
  if (builder.scannedRows > 0) yield finish();
}

/** Rows of a part as they are read: good until the next ones. */
interface ScannedRows {
  readonly rows: number;
  readonly keys: BigInt64Array;
  /** Of the columns of all features; texts are not tokens yet. */
  readonly views: readonly ColumnView[];
  readonly challengers: readonly ChallengerViews[];
}

/** Streams the features of a part. @throws whatever DuckDB throws, TRANSFORM_FAILED */
export async function* scanViews(
  connection: DuckDBConnection,
  { scoring, source, transform, images, signal }: ViewOptions,
): AsyncGenerator<ScannedRows> {
  const own = scoring.transform?.columns ?? scoring.features.flatMap((f) => f.columns);
  const others = new ChallengerColumns(scoring.features, scoring.challengers ?? [], {
    firstColumn: own.length,
  });
  const columns = [...own, ...others.columns];
  const dictionaries = textDictionaries(scoring.features);
  for await (const chunk of streamChunks(connection, scanSql(columns, source))) {
    signal.throwIfAborted();
    const rows = chunk.rowCount;
    const keys = vectorValues(columnVector(chunk, columns.length), BigInt64Array, rows);
    const views =
      transform === undefined || scoring.transform === null
        ? viewChunk(chunk, scoring.features, dictionaries, undefined, images)
        : await transform.apply(chunk, scoring.transform, scoring.features);
    const challengers = others.readers.map((reader) => reader.view(chunk, views));
    yield { rows, keys, views, challengers };
  }
}

/** The views with the tokens of the text, or of the pair of texts, in place of the text. */
async function withTokens(
  views: readonly ColumnView[],
  features: Scoring['features'],
  tokenizer: TextTokenizer,
): Promise<readonly ColumnView[]> {
  const all: ColumnView[] = [];
  for (const { layout, columns } of features) {
    const own = views.slice(all.length, all.length + columns.length);
    const [first, second] = own.flatMap((view) => (view.kind === 'texts' ? [view.texts] : []));
    if (layout !== 'tokens' || first === undefined) {
      all.push(...own);
      continue;
    }
    const tokens = await tokenizer.encode(first, second);
    all.push(tokens);
    if (second !== undefined) all.push(asSecondText(tokens, second));
  }
  return all;
}

function scanSql(columns: readonly { readonly sql: string }[], source: string): string {
  const items = columns.map((column, index) => `${column.sql} AS _${index}`);
  return `SELECT ${[...items, quoteName(KEY)].join(', ')} FROM ${source}`;
}
