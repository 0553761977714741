import type { Scoring } from '@shardmill/core';

/** Bytes of the model, its external data included. */
export function modelBytes({
  bytes,
  externalData,
}: Pick<Scoring['model'], 'bytes' | 'externalData'>): number {
  return externalData.reduce((sum, file) => sum + file.bytes, bytes);
}

/** The same of all models that a run scores with, its challengers' included. */
export function runModelBytes({
  model,
  challengers = [],
}: Pick<Scoring, 'model' | 'challengers'>): number {
  return challengers.reduce((sum, one) => sum + modelBytes(one.model), modelBytes(model));
}
