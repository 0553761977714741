import { digestOfModel, type ModelEvent, type ModelFacts } from './model-event.js';
import { modelFilesPrefix } from './model-layout.js';

/** A registered model, folded from its events. */
export interface RegisteredModel {
  readonly name: string;
  /** In the order of their numbers. */
  readonly versions: readonly ModelVersion[];
  /** In the order of their names. */
  readonly aliases: readonly ModelAlias[];
  /** In order; `events[i]` is object number i. */
  readonly events: readonly ModelEvent[];
}

export interface ModelVersion extends ModelFacts {
  readonly version: number;
  readonly at: string;
  readonly by: string;
  readonly note: string | null;
}

export interface ModelAlias {
  readonly alias: string;
  readonly version: number;
  /** When, by whom and how it came to point there. */
  readonly at: string;
  readonly by: string;
  /** The number of that event. */
  readonly event: number;
  /** What a rollback goes back to, the last one first. */
  readonly earlier: readonly number[];
}

/** A model to which nothing has happened. */
export const newModel = (name: string): RegisteredModel => ({
  name,
  versions: [],
  aliases: [],
  events: [],
});

/**
 * The model after one more event.
 * @returns what is wrong as text, where the event cannot follow on those before it.
 */
export function foldModel(model: RegisteredModel, event: ModelEvent): RegisteredModel | string {
  const events = [...model.events, event];
  switch (event.kind) {
    case 'added': {
      const fault = faultOfAdded(model, event);
      if (fault !== undefined) return fault;
      const { version, at, by, note, model: facts } = event;
      const versions = [...model.versions, { ...facts, version, at, by, note }];
      return { ...model, versions: versions.toSorted((a, b) => a.version - b.version), events };
    }
    case 'alias-set': {
      const { alias, version, previous, at, by } = event;
      const before = aliasOf(model, alias);
      if (!hasVersion(model, version)) return `there is no version ${version}`;
      if ((before?.version ?? null) !== previous) return notPrevious(alias, before, previous);
      const earlier = earlierVersions(event.how, before, version);
      const set = { alias, version, at, by, event: model.events.length, earlier };
      const others = model.aliases.filter((one) => one.alias !== alias);
      const aliases = [...others, set].toSorted((a, b) => (a.alias < b.alias ? -1 : 1));
      return { ...model, aliases, events };
    }
    case 'alias-removed': {
      const { alias, previous } = event;
      const before = aliasOf(model, alias);
      if (before?.version !== previous) return notPrevious(alias, before, previous);
      return { ...model, aliases: model.aliases.filter((one) => one.alias !== alias), events };
    }
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

export const aliasOf = (model: RegisteredModel, alias: string): ModelAlias | undefined =>
  model.aliases.find((one) => one.alias === alias);

export const versionOf = (model: RegisteredModel, version: number): ModelVersion | undefined =>
  model.versions.find((one) => one.version === version);

const hasVersion = (model: RegisteredModel, version: number): boolean =>
  versionOf(model, version) !== undefined;

/**
 * Promotions are stacked, and a rollback takes the last one off: of 5, 6, 7 it goes back to 6, and the
 * next one to 5.
 */
function earlierVersions(
  how: 'alias' | 'promote' | 'rollback',
  before: ModelAlias | undefined,
  version: number,
): readonly number[] {
  if (before === undefined) return [];
  if (how !== 'rollback') return [before.version, ...before.earlier];
  const at = before.earlier.indexOf(version);
  return at < 0 ? before.earlier : before.earlier.slice(at + 1);
}

function faultOfAdded(
  { name, versions }: RegisteredModel,
  { version, model }: Extract<ModelEvent, { kind: 'added' }>,
): string | undefined {
  if (versions.some((one) => one.version === version)) return `version ${version} was added before`;
  const digest = digestOfModel(model);
  const same = versions.find((one) => digestOfModel(one) === digest);
  if (same !== undefined) return `the model of version ${version} is version ${same.version}`;
  if (!model.copied) return undefined;
  // A copy lies where copies of this model lie, and nowhere else in the state location.
  const folder = modelFilesPrefix(name, digest);
  const strays = [model.file, ...model.externalData].find(
    ({ uri }) => !uri.startsWith(folder) || uri.split('/').includes('..'),
  );
  return strays === undefined ? undefined : `the copy "${strays.uri}" does not lie in ${folder}`;
}

function notPrevious(
  alias: string,
  before: ModelAlias | undefined,
  previous: number | null,
): string {
  const found = before === undefined ? 'no version' : `version ${before.version}`;
  const said = previous === null ? 'no version' : `version ${previous}`;
  return `${alias} pointed to ${found}, and the event says ${said}`;
}
