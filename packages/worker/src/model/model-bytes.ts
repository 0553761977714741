import type { Scoring } from '@shardmill/core';

/** Bytes of the model, its external data included. */
export function modelBytes({
  bytes,
  externalData,
}: Pick<Scoring['model'], 'bytes' | 'externalData'>): number {
  return externalData.reduce((sum, file) => sum + file.bytes, bytes);
}
