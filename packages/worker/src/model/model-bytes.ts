import type { Scoring } from '@shardmill/core';

/** Bytes of the model, its external data included. */
export function modelBytes({ bytes, externalData }: Scoring['model']): number {
  return externalData.reduce((sum, file) => sum + file.bytes, bytes);
}
