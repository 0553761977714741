import { mapConcurrent } from '@shardmill/core';
import {
  compareSignatures,
  digestOfModel,
  type ModelEvent,
  type ModelVersion,
  pickVersion,
  type RegisteredModel,
  type SignatureChange,
} from '@shardmill/scheduler';
import type { Services } from '../services.js';
import { readModelArgument, readVersionArgument } from './model-argument.js';
import { openRegistry } from './open-registry.js';
import { type ShownVersion, shownVersion } from './shown-version.js';

type Needs = Pick<Services, 'stores' | 'settings'>;

export interface ShownModel {
  readonly model: RegisteredModel;
  /** The latest first. */
  readonly versions: readonly ShownVersion[];
}

const MODELS_AT_ONCE = 8;

/** All models, in the order of their names. @throws MODEL_REGISTRY_DAMAGED, STORE_… */
export async function listModels(
  services: Needs,
): Promise<{ readonly registry: string; readonly models: readonly RegisteredModel[] }> {
  const registry = await openRegistry(services, 'read');
  const names = await registry.names();
  const models = await mapConcurrent(names, MODELS_AT_ONCE, (name) => registry.get(name));
  return { registry: registry.store.uri, models };
}

/** A model, or one of its versions. @throws MODEL_NOT_REGISTERED, MODEL_NAME_INVALID, … */
export async function showModel(
  argument: string,
  services: Needs,
): Promise<ShownModel | ShownVersion> {
  const { name, selector } = readModelArgument(argument);
  const registry = await openRegistry(services, 'read');
  const model = await registry.get(name);
  const shown = (version: ModelVersion): ShownVersion => shownVersion(model, version, registry);
  if (selector !== undefined) return shown(pickVersion(model, selector, registry.store.uri));
  return { model, versions: model.versions.map(shown).toReversed() };
}

/** What happened to a model, or to one of its aliases, the latest first. @throws as `showModel` */
export async function historyOfModel(
  argument: string,
  services: Needs,
): Promise<{ readonly name: string; readonly events: readonly ModelEvent[] }> {
  const { name, selector } = readModelArgument(argument);
  const registry = await openRegistry(services, 'read');
  const model = await registry.get(name);
  const events = model.events.toReversed();
  if (selector === undefined) return { name, events };
  const about = events.filter((event) =>
    selector.kind === 'version'
      ? event.kind !== 'alias-removed' && event.version === selector.version
      : event.kind !== 'added' && event.alias === selector.alias,
  );
  // One that was never there is refused; one that was removed still has its history.
  if (about.length === 0) pickVersion(model, selector, registry.store.uri);
  return { name, events: about };
}

export interface ModelDifference {
  readonly before: ShownVersion;
  readonly after: ShownVersion;
  /** Whether both are the same files. */
  readonly same: boolean;
  readonly changes: readonly SignatureChange[];
}

/** What differs between two versions. @throws as `showModel` */
export async function diffModels(
  before: string,
  after: string,
  services: Needs,
): Promise<ModelDifference> {
  const registry = await openRegistry(services, 'read');
  const [old, now] = await Promise.all(
    [before, after].map(async (argument) => {
      const { name, selector } = readVersionArgument(argument);
      const model = await registry.get(name);
      return shownVersion(model, pickVersion(model, selector, registry.store.uri), registry);
    }),
  );
  if (old === undefined || now === undefined) throw new RangeError('two versions were read');
  const same = digestOfModel(old) === digestOfModel(now);
  return { before: old, after: now, same, changes: compareSignatures(old, now) };
}
