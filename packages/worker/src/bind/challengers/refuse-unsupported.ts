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
  const refuse = (what: string, where: string): ShardmillError =>
    new ShardmillError('CHALLENGER_INVALID', `a job with challengers cannot have ${what}`, {
      where,
      remedy: 'Score the other model in a run of its own.',
    });
  if (transform !== undefined) throw refuse('a transform', 'transform');
  if (model.batching !== undefined) throw refuse('model.batching', 'model.batching');
  const all = [
    { where: 'features', own: features },
    ...challengers.map(({ name, features: own = {} }) => ({
      where: `challengers.${name}.features`,
      own,
    })),
  ];
  for (const { where, own } of all) {
    for (const [input, feature] of Object.entries(own)) {
      const what = unsupported(feature);
      if (what !== undefined) throw refuse(what, `${where}.${input}`);
    }
  }
}

function unsupported(feature: Feature): string | undefined {
  if (isTokenized(feature)) return 'a feature that is made of tokens';
  return isImageFeature(feature) ? 'a feature that is images' : undefined;
}
