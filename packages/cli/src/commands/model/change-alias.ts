import {
  type AliasChange,
  type AliasOptions,
  promoteModel,
  removeAlias,
  rollbackModel,
  setAlias as set,
} from '@shardmill/client/models';
import type { Services } from '@shardmill/client/services';
import { modelChangeDocument } from '../../documents/model-documents.js';
import type { Result } from '../../result.js';

type NeedsRegistry = Pick<Services, 'stores' | 'settings'>;

export interface PromoteFlags extends AliasOptions {
  readonly to?: string | undefined;
  readonly allowBreaking?: boolean | undefined;
  readonly requireChecks?: boolean | undefined;
}

/** @throws MODEL_ALIAS_CONFLICT, MODEL_NOT_REGISTERED, MODEL_NAME_INVALID, STORE_…, as do all here */
export async function setAlias(
  reference: string,
  alias: string,
  flags: AliasOptions,
  services: NeedsRegistry,
): Promise<Result> {
  return changed(await set(reference, alias, flags, services));
}

/** @throws MODEL_SIGNATURE_BREAKS, MODEL_CHECKS_MISSING */
export async function promote(
  reference: string,
  flags: PromoteFlags,
  services: NeedsRegistry,
): Promise<Result> {
  return changed(await promoteModel(reference, flags, services));
}

/** @throws MODEL_NO_EARLIER_VERSION */
export async function rollback(
  model: string,
  flags: AliasOptions,
  services: NeedsRegistry,
): Promise<Result> {
  return changed(await rollbackModel(model, flags, services));
}

export async function unalias(
  reference: string,
  flags: AliasOptions,
  services: NeedsRegistry,
): Promise<Result> {
  return changed(await removeAlias(reference, flags, services));
}

function changed(change: AliasChange): Result {
  const { name, alias, version, previous, changed: isChanged } = change;
  const text = (): string => {
    if (!isChanged) return `was version ${version} already: nothing was changed`;
    if (version === null) return `is removed; version ${previous} stays`;
    const before = previous === null ? 'it is new' : `it was version ${previous}`;
    return `is version ${version} now (${before}); runs that are planned from now on score with that`;
  };
  return {
    json: () => modelChangeDocument(change),
    text: ({ colors }) =>
      [
        `${colors.green('✓')} ${colors.bold(`${name}@${alias}`)} ${text()}`,
        ...(isChanged && previous !== null && version !== null
          ? [`  ${colors.dim('to go back:')} shardmill model rollback ${name}@${alias}`]
          : []),
      ].join('\n'),
  };
}
