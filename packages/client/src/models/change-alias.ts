import { ShardmillError } from '@shardmill/core';
import {
  type AliasRequest,
  aliasOf,
  type ChangedAlias,
  compareSignatures,
  type ModelAuthor,
  ModelRegistry,
  type ModelVersion,
  pickVersion,
  type RegisteredModel,
  RunHistory,
  type SignatureChange,
  versionOf,
} from '@shardmill/scheduler';
import { whoAmI } from '../identity.js';
import type { Services } from '../services.js';
import { openRegistry } from './open-registry.js';
import { refuseUnchecked } from './refuse-unchecked.js';
import { readAliasArgument, readVersionArgument, requireAlias } from './model-argument.js';

/** What jobs name, where nothing else is said. */
export const DEFAULT_ALIAS = 'production';

export interface AliasOptions {
  /** The version that the alias has to point to now. */
  readonly expect?: number | undefined;
  readonly note?: string | undefined;
}

export interface AliasChange {
  readonly name: string;
  readonly alias: string;
  /** Null where it points to nothing any more. */
  readonly version: number | null;
  /** What it pointed to before this call. */
  readonly previous: number | null;
  /** Whether anything had to be done. */
  readonly changed: boolean;
  readonly at: string | null;
  readonly by: string | null;
}

type Needs = Pick<Services, 'stores' | 'settings'>;

/** Makes an alias point to a version, whatever that is. @throws MODEL_…, STORE_… */
export async function setAlias(
  reference: string,
  alias: string,
  options: AliasOptions,
  services: Needs,
): Promise<AliasChange> {
  requireAlias(alias);
  const { registry, model, version } = await find(reference, services);
  const request = { kind: 'set', how: 'alias', alias, version: version.version } as const;
  return change(registry, model, { ...request, expect: options.expect }, options);
}

/**
 * The same for what jobs score with: refused where the version has other inputs or outputs than the
 * one that it replaces, so that jobs would fail.
 * @throws MODEL_SIGNATURE_BREAKS, MODEL_CHECKS_MISSING, MODEL_ALIAS_CONFLICT and others, STORE_…
 */
export async function promoteModel(
  reference: string,
  options: AliasOptions & {
    readonly to?: string | undefined;
    readonly allowBreaking?: boolean | undefined;
    /** Refuses a model with which no finished run has passed its checks. */
    readonly requireChecks?: boolean | undefined;
  },
  services: Needs,
): Promise<AliasChange> {
  const alias = requireAlias(options.to ?? DEFAULT_ALIAS);
  const { registry, model, version } = await find(reference, services);
  const current = versionOf(model, aliasOf(model, alias)?.version ?? 0);
  if (current !== undefined && options.allowBreaking !== true)
    refuseBreaking(model.name, current, version);
  if (options.requireChecks === true) {
    refuseUnchecked(await new RunHistory(registry.store).all(), model.name, version);
  }
  const request = { kind: 'set', how: 'promote', alias, version: version.version } as const;
  return change(registry, model, { ...request, expect: options.expect }, options);
}

/** Goes back to the version that an alias pointed to before. @throws MODEL_NO_EARLIER_VERSION, … */
export async function rollbackModel(
  argument: string,
  options: AliasOptions,
  services: Needs,
): Promise<AliasChange> {
  const { name, alias = DEFAULT_ALIAS } = readAliasArgument(argument);
  const registry = await openRegistry(services, 'change');
  const model = await registry.get(name);
  // Its message proposes the nearest.
  pickVersion(model, { kind: 'alias', alias }, registry.store.uri);
  return change(registry, model, { kind: 'rollback', alias, expect: options.expect }, options);
}

/** Removes an alias; its version stays. @throws MODEL_NOT_REGISTERED, … */
export async function removeAlias(
  argument: string,
  options: AliasOptions,
  services: Needs,
): Promise<AliasChange> {
  const { name, alias } = readAliasArgument(argument);
  if (alias === undefined) {
    throw new ShardmillError('MODEL_NAME_INVALID', `"${argument}" names no alias`, {
      remedy: `Write ${name}@ALIAS.`,
    });
  }
  const registry = await openRegistry(services, 'change');
  const model = await registry.get(name);
  pickVersion(model, { kind: 'alias', alias }, registry.store.uri);
  return change(registry, model, { kind: 'remove', alias, expect: options.expect }, options);
}

async function find(
  reference: string,
  services: Needs,
): Promise<{ registry: ModelRegistry; model: RegisteredModel; version: ModelVersion }> {
  const { name, selector } = readVersionArgument(reference);
  const registry = await openRegistry(services, 'change');
  const model = await registry.get(name);
  return { registry, model, version: pickVersion(model, selector, registry.store.uri) };
}

async function change(
  registry: ModelRegistry,
  seen: RegisteredModel,
  request: AliasRequest,
  { note }: AliasOptions,
): Promise<AliasChange> {
  const { name } = seen;
  const { alias } = request;
  const author: ModelAuthor = { by: whoAmI(), now: new Date(), note };
  const { model, event }: ChangedAlias = await registry.changeAlias(seen, request, author);
  const version = aliasOf(model, alias)?.version ?? null;
  if (event === undefined)
    return { name, alias, version, previous: version, changed: false, at: null, by: null };
  const { previous, at, by } = event;
  return { name, alias, version, previous, changed: true, at, by };
}

/** @throws MODEL_SIGNATURE_BREAKS */
function refuseBreaking(name: string, current: ModelVersion, next: ModelVersion): void {
  const breaking = compareSignatures(current, next).filter(({ breaks }) => breaks);
  if (breaking.length === 0) return;
  throw new ShardmillError(
    'MODEL_SIGNATURE_BREAKS',
    `${name}@${next.version} is not like ${name}@${current.version}, which it would replace: ${breaking.map(changeText).join('; ')}`,
    { where: `${name}@${next.version}` },
  );
}

/** `input "x" has shape [?, 31] instead of [?, 30]` */
export function changeText({ side, name, what, before, after }: SignatureChange): string {
  const tensor = `${side} "${name}"`;
  switch (what) {
    case 'added':
      return `${tensor} (${after}) has come`;
    case 'removed':
      return `${tensor} (${before}) is gone`;
    case 'type':
    case 'shape':
      return `${tensor} has ${what} ${after} instead of ${before}`;
    case 'classes':
      return `${tensor} has the classes ${after} instead of ${before}`;
    default: {
      const unknown: never = what;
      return unknown;
    }
  }
}
