import {
  isModelAlias,
  isModelName,
  isModelReference,
  MODEL_NAME_FORM,
  type ModelReference,
  readReference,
  resolveLocation,
  ShardmillError,
} from '@shardmill/core';

/** What a command is given as a model: `churn@7`, `churn@production`. @throws MODEL_NAME_INVALID */
export function readVersionArgument(text: string): ModelReference {
  const found = readReference(withoutScheme(text));
  if (found !== undefined) return found;
  const name = withoutScheme(text);
  throw new ShardmillError(
    'MODEL_NAME_INVALID',
    isModelName(name)
      ? `"${text}" names a model, and none of its versions`
      : `"${text}" names no version of a model`,
    isModelName(name)
      ? {
          remedy: `Write ${name}@VERSION or ${name}@ALIAS; \`shardmill model show ${name}\` lists both.`,
        }
      : {},
  );
}

/** `churn`, with what follows on an `@` where there is one. @throws MODEL_NAME_INVALID */
export function readModelArgument(text: string): Pick<ModelReference, 'name'> & {
  readonly selector: ModelReference['selector'] | undefined;
} {
  const name = withoutScheme(text);
  return isModelName(name) ? { name, selector: undefined } : readVersionArgument(text);
}

/** `churn`, or `churn@ALIAS`. @throws MODEL_NAME_INVALID for a version */
export function readAliasArgument(text: string): {
  readonly name: string;
  readonly alias: string | undefined;
} {
  const { name, selector } = readModelArgument(text);
  if (selector?.kind !== 'version') return { name, alias: selector?.alias };
  throw new ShardmillError('MODEL_NAME_INVALID', `"${text}" names a version, and no alias`, {
    remedy: `Write ${name}@ALIAS, such as ${name}@production.`,
  });
}

/** @throws MODEL_NAME_INVALID */
export function requireModelName(name: string): string {
  if (isModelName(name)) return name;
  throw new ShardmillError('MODEL_NAME_INVALID', `"${name}" cannot name a model`, {
    remedy: `Use ${MODEL_NAME_FORM}.`,
  });
}

/** @throws MODEL_NAME_INVALID */
export function requireAlias(alias: string): string {
  if (isModelAlias(alias)) return alias;
  throw new ShardmillError('MODEL_NAME_INVALID', `"${alias}" cannot be an alias`, {
    remedy: /^\d+$/.test(alias)
      ? 'A number is a version: give the alias a name, such as production.'
      : `Use ${MODEL_NAME_FORM}.`,
  });
}

/**
 * A model that is not the job's: `churn@candidate` of the registry, or the location of a file.
 * @returns what could stand in a job as `model.uri`. @throws URI_UNSUPPORTED
 */
export function modelToTest(argument: string, cwd: string): string {
  const found = readReference(withoutScheme(argument));
  if (found !== undefined) return `models:/${withoutScheme(argument)}`;
  return isModelReference(argument) ? argument : resolveLocation(argument, cwd);
}

/** What stands in a job can be pasted into a command. */
const withoutScheme = (text: string): string => text.replace(/^models:\//, '');
