import type { Vector } from '@duckdb/node-bindings';
import { type BoundFeature, ShardmillError } from '@shardmill/core';
import { copyBytes } from '../duckdb/raw-vector.js';
import { ImageColumn } from './image-column.js';
import type { ImageLoader } from './image-loader.js';

const utf8 = new TextDecoder();

/** The images of a scanned BLOB column, or of a VARCHAR column that says where they lie. */
export function viewImages(
  vector: Vector,
  rows: number,
  { image }: BoundFeature,
  loader: ImageLoader | undefined,
): ImageColumn {
  if (image === undefined || loader === undefined) {
    throw new ShardmillError('INTERNAL', 'nothing loads the images of this feature');
  }
  const bytesOf = (row: number): Uint8Array | undefined => copyBytes(vector, row, rows);
  const textOf = (row: number): string | undefined => {
    const bytes = bytesOf(row);
    return bytes === undefined ? undefined : utf8.decode(bytes);
  };
  return new ImageColumn(rows, image.from === null ? bytesOf : textOf, image, loader);
}
