import {
  filesOfVersion,
  type ModelRegistry,
  type ModelVersion,
  type RegisteredModel,
} from '@shardmill/scheduler';

/** A version with whole locations, and the aliases that point to it. */
export interface ShownVersion extends ModelVersion {
  readonly name: string;
  readonly aliases: readonly string[];
}

export function shownVersion(
  model: RegisteredModel,
  version: ModelVersion,
  registry: Pick<ModelRegistry, 'store'>,
): ShownVersion {
  const [file, ...externalData] = filesOfVersion(version, registry);
  const own = model.aliases.filter((one) => one.version === version.version);
  const aliases = own.map(({ alias }) => alias);
  return { ...version, file, externalData, name: model.name, aliases };
}
