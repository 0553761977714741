import { type ModelSelector, nearestNames, ShardmillError, suggestion } from '@shardmill/core';
import { aliasOf, type ModelVersion, type RegisteredModel, versionOf } from './fold-model.js';

/** The version that a number or an alias means. @throws MODEL_NOT_REGISTERED, with the nearest */
export function pickVersion(
  model: RegisteredModel,
  selector: ModelSelector,
  where?: string,
): ModelVersion {
  const found = findVersion(model, selector);
  if (found !== undefined) return found;
  const { name } = model;
  if (selector.kind === 'version') {
    const known = model.versions.map(({ version }) => version);
    throw new ShardmillError(
      'MODEL_NOT_REGISTERED',
      `${name} has no version ${selector.version}. ${listVersions(known)}`,
      { where },
    );
  }
  const known = model.aliases.map(({ alias }) => alias);
  const { alias } = selector;
  const near = suggestion(alias, known, 'Its aliases are');
  throw new ShardmillError(
    'MODEL_NOT_REGISTERED',
    `${name} has no alias "${alias}".${near || ' It has none yet.'}`,
    {
      where,
      ...(nearestNames(alias, known).length === 0 && {
        remedy: `Give a version that it points to: \`shardmill model alias ${name}@${model.versions.at(-1)?.version ?? 1} ${alias}\`.`,
      }),
    },
  );
}

/** No model of this name is there. */
export function noSuchModel(name: string, known: readonly string[], where: string): ShardmillError {
  const near = suggestion(name, known, 'There are');
  return new ShardmillError(
    'MODEL_NOT_REGISTERED',
    `no model "${name}" is registered.${near || ' None is yet.'}`,
    {
      where,
      ...(known.length === 0 && {
        remedy: `Add one with \`shardmill model add FILE --name ${name}\`; another state.uri is another registry.`,
      }),
    },
  );
}

function findVersion(model: RegisteredModel, selector: ModelSelector): ModelVersion | undefined {
  const version =
    selector.kind === 'version' ? selector.version : aliasOf(model, selector.alias)?.version;
  return version === undefined ? undefined : versionOf(model, version);
}

const MAX_LISTED = 12;

function listVersions(known: readonly number[]): string {
  const last = known.slice(-MAX_LISTED);
  const earlier = known.length - last.length;
  const more = earlier > 0 ? `, and ${earlier} earlier ones` : '';
  return known.length === 1 ? `It has version ${last[0]}.` : `It has ${last.join(', ')}${more}.`;
}
