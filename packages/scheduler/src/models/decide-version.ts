import { ShardmillError } from '@shardmill/core';
import { type ModelVersion, type RegisteredModel, versionOf } from './fold-model.js';
import { digestOfModel, type ModelFacts } from './model-event.js';

/**
 * The number that a model gets under a name, or the version that it is already.
 * @param wanted the number that it has to get.
 * @throws MODEL_VERSION_TAKEN
 */
export function decideVersion(
  model: RegisteredModel,
  facts: ModelFacts,
  wanted: number | undefined,
):
  | { readonly kind: 'there'; readonly version: ModelVersion }
  | { readonly kind: 'new'; readonly version: number } {
  const { name, versions } = model;
  const digest = digestOfModel(facts);
  const same = versions.find((version) => digestOfModel(version) === digest);
  if (same !== undefined) {
    if (wanted === undefined || wanted === same.version) return { kind: 'there', version: same };
    throw new ShardmillError(
      'MODEL_VERSION_TAKEN',
      `this model is ${name}@${same.version} already, so it cannot be version ${wanted}`,
      { where: facts.source, remedy: `Use ${name}@${same.version}.` },
    );
  }
  const version = wanted ?? (versions.at(-1)?.version ?? 0) + 1;
  const taken = versionOf(model, version);
  if (taken === undefined) return { kind: 'new', version };
  throw new ShardmillError(
    'MODEL_VERSION_TAKEN',
    `${name}@${version} is another model, with SHA-256 ${taken.file.sha256}, added by ${taken.by} at ${taken.at}`,
    { where: facts.source },
  );
}
