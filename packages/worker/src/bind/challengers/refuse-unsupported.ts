import {
  type Feature,
  isImageFeature,
  isTokenized,
  type Job,
  ShardmillError,
} from '@shardmill/core';

/** Refuses what a run with challengers cannot have. @throws CHALLENGER_INVALID */
export function refuseUnsupported({ transform, model, features, challengers }: Job): void {
  if (challengers === undefined) return;
  if (transform !== undefined) throw unsupported('a transform', 'transform');
  if (model.batching !== undefined) throw unsupported('model.batching', 'model.batching');
  const all = [
    { where: 'features', own: features },
    ...challengers.map(({ name, features: own = {} }) => ({
      where: `challengers.${name}.features`,
      own,
    })),
  ];
  for (const { where, own } of all) {
    for (const [input, feature] of Object.entries(own)) {
      const what = unsupportedKind(feature);
      if (what !== undefined) throw unsupported(what, `${where}.${input}`);
    }
  }
}

/** @returns CHALLENGER_INVALID, with the way to compare two models that remains */
export function unsupported(what: string, where: string): ShardmillError {
  return new ShardmillError('CHALLENGER_INVALID', `a job with challengers cannot have ${what}`, {
    where,
    remedy:
      'Remove challengers from the job; `shardmill model test JOB --model URI` scores a sample with both models and compares them.',
  });
}

function unsupportedKind(feature: Feature): string | undefined {
  if (isTokenized(feature)) return 'a feature that is made of tokens';
  return isImageFeature(feature) ? 'a feature that is images' : undefined;
}
