import { randomBytes } from 'node:crypto';
import {
  InvariantError,
  isModelName,
  mapConcurrent,
  MODEL_NAME_FORM,
  type ModelReference,
  type ObjectStore,
  ShardmillError,
} from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { type AliasRequest, decideAlias } from './decide-alias.js';
import { decideVersion } from './decide-version.js';
import {
  foldModel,
  type ModelVersion,
  newModel,
  type RegisteredModel,
  versionOf,
} from './fold-model.js';
import {
  type AliasEvent,
  MODEL_EVENT_FORMAT,
  type ModelEvent,
  type ModelFacts,
  parseModelEvent,
} from './model-event.js';
import { modelEventKey, modelEventsPrefix, modelOfEvent, MODELS_PREFIX } from './model-layout.js';
import { noSuchModel, pickVersion } from './pick-version.js';

/** Who changes something, when, and why. */
export interface ModelAuthor {
  /** `user@host` */
  readonly by: string;
  readonly now: Date;
  readonly note?: string | undefined;
}

export interface AddedVersion {
  readonly model: RegisteredModel;
  readonly version: ModelVersion;
  /** Whether it was not there before. */
  readonly added: boolean;
}

export interface ChangedAlias {
  readonly model: RegisteredModel;
  /** Undefined where the alias was as wanted already. */
  readonly event: AliasEvent | undefined;
}

/**
 * The models that are released, in the state location (see `model-layout.ts`). It needs no lock: the
 * process that creates event number n of a model decides what happens nth, and all others read it.
 */
export class ModelRegistry {
  constructor(readonly store: ObjectStore) {}

  /** Names of all models, in their order. */
  async names(): Promise<string[]> {
    const names = new Set<string>();
    for await (const { key } of this.store.list(MODELS_PREFIX)) {
      const entry = modelOfEvent(key);
      if (entry !== undefined) names.add(entry.name);
    }
    return [...names];
  }

  /** @returns undefined where there is no such model. @throws MODEL_NAME_INVALID, MODEL_REGISTRY_DAMAGED */
  async find(name: string): Promise<RegisteredModel | undefined> {
    if (!isModelName(name)) {
      throw new ShardmillError('MODEL_NAME_INVALID', `"${name}" cannot name a model`, {
        remedy: `Use ${MODEL_NAME_FORM}.`,
      });
    }
    const keys: string[] = [];
    for await (const { key } of this.store.list(modelEventsPrefix(name))) {
      if (modelOfEvent(key) !== undefined) keys.push(key);
    }
    if (keys.length === 0) return undefined;
    const events = await mapConcurrent(keys, READS_AT_ONCE, (key, number) =>
      this.#readEvent(name, key, number),
    );
    return events.reduce((model, event) => this.#fold(model, event), newModel(name));
  }

  /** @throws MODEL_NOT_REGISTERED, with the nearest; MODEL_NAME_INVALID, MODEL_REGISTRY_DAMAGED */
  async get(name: string): Promise<RegisteredModel> {
    const found = await this.find(name);
    if (found !== undefined) return found;
    throw noSuchModel(name, await this.names(), this.store.uri);
  }

  /** The version that a reference means. @throws as `get` */
  async resolve({ name, selector }: ModelReference, where?: string): Promise<ModelVersion> {
    return pickVersion(await this.get(name), selector, where);
  }

  /**
   * Adds a version, whose files are in their place already. The same files under one name are one
   * version.
   * @param number the number that it has to get; the next one where left out.
   * @throws MODEL_VERSION_TAKEN, MODEL_NAME_INVALID, MODEL_REGISTRY_DAMAGED
   */
  async add(
    name: string,
    facts: ModelFacts,
    author: ModelAuthor,
    number?: number,
  ): Promise<AddedVersion> {
    for (;;) {
      const seen = (await this.find(name)) ?? newModel(name);
      const decision = decideVersion(seen, facts, number);
      if (decision.kind === 'there') {
        return { model: seen, version: decision.version, added: false };
      }
      const { version } = decision;
      const model = await this.#append(seen, {
        ...head(author),
        kind: 'added',
        version,
        model: facts,
      });
      const added = model && versionOf(model, version);
      if (model !== undefined && added !== undefined) return { model, version: added, added: true };
    }
  }

  /**
   * Changes an alias, unless another process has changed it since `seen`.
   * @throws MODEL_ALIAS_CONFLICT, MODEL_NO_EARLIER_VERSION, MODEL_REGISTRY_DAMAGED
   */
  async changeAlias(
    seen: RegisteredModel,
    request: AliasRequest,
    author: ModelAuthor,
  ): Promise<ChangedAlias> {
    let now = seen;
    for (;;) {
      const decision = decideAlias(request, seen, now);
      if (decision === 'same') return { model: now, event: undefined };
      const event = { ...head(author), ...decision };
      const model = await this.#append(now, event);
      if (model !== undefined) return { model, event };
      now = await this.get(seen.name);
    }
  }

  /** @returns undefined where another process created that event first. */
  async #append(seen: RegisteredModel, event: ModelEvent): Promise<RegisteredModel | undefined> {
    const model = foldModel(seen, event);
    if (typeof model === 'string') throw new InvariantError(model);
    const key = modelEventKey(seen.name, seen.events.length);
    const content = Buffer.from(`${JSON.stringify(event)}\n`);
    return (await this.store.create(key, content)) === 'created' ? model : undefined;
  }

  async #readEvent(name: string, key: string, number: number): Promise<ModelEvent> {
    const expected = modelEventKey(name, number);
    if (key !== expected) throw this.#damaged(expected, 'the event is missing');
    const bytes = await this.store.read(key);
    const event = bytes === undefined ? 'it is missing' : parseModelEvent(parseJson(bytes));
    if (typeof event === 'string') throw this.#damaged(key, event);
    return event;
  }

  #fold(model: RegisteredModel, event: ModelEvent): RegisteredModel {
    const next = foldModel(model, event);
    if (typeof next !== 'string') return next;
    throw this.#damaged(modelEventKey(model.name, model.events.length), next);
  }

  #damaged(key: string, reason: string): ShardmillError {
    return new ShardmillError(
      'MODEL_REGISTRY_DAMAGED',
      `the entry of the model registry cannot be used: ${reason}`,
      { where: this.store.locate(key) },
    );
  }
}

const READS_AT_ONCE = 16;

function head({ by, now, note }: ModelAuthor): {
  format: typeof MODEL_EVENT_FORMAT;
  id: string;
  at: string;
  by: string;
  note: string | null;
} {
  const id = randomBytes(8).toString('hex');
  return { format: MODEL_EVENT_FORMAT, id, at: now.toISOString(), by, note: note ?? null };
}
