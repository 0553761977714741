import { isS3, type ModelDescription, ShardmillError } from '@shardmill/core';
import { digestOfModel, type ModelFacts, ModelRegistry } from '@shardmill/scheduler';
import { whoAmI } from '../identity.js';
import type { Services } from '../services.js';
import { requireModelName } from './model-argument.js';
import { type ShownVersion, shownVersion } from './shown-version.js';

export interface AddModelRequest {
  /** The whole location of an ONNX file. */
  readonly location: string;
  readonly name: string;
  /** The next number where left out. */
  readonly version?: number | undefined;
  readonly note?: string | undefined;
  /** Leaves the files where they are. */
  readonly reference?: boolean | undefined;
}

export interface AddedModel {
  readonly version: ShownVersion;
  /** Whether it was not there before. */
  readonly added: boolean;
  /** Sentences that a person should know. */
  readonly notices: readonly string[];
}

/**
 * Registers a model: loads it as a run would, notes what it is, and copies it into the state location
 * unless it is only to be referred to.
 * @throws MODEL_…, STORE_…
 */
export async function addModel(
  { location, name, version, note, reference = false }: AddModelRequest,
  { stores, settings, withEngine }: Pick<Services, 'stores' | 'settings' | 'withEngine'>,
): Promise<AddedModel> {
  requireModelName(name);
  const uri = settings.get('state.uri');
  const registry = new ModelRegistry(stores.open(uri));
  const seen = await registry.find(name);
  const description = await withEngine((engine) => engine.inspectModel(location));
  refuseWithoutTensor(description);
  await stores.requireConditionalWrites(uri);
  const { file, externalData } = filesOf(description);
  const digest = digestOfModel({ file, externalData });
  const isThere = seen?.versions.some((one) => digestOfModel(one) === digest) ?? false;
  const copied = !reference && !isThere;
  const places = { stores, state: registry.store, cacheFolder: settings.get('cache.folder') };
  // It needs the worker, which takes a while to load.
  const { copyModel } = await import('./copy-model.js');
  const files = copied ? await copyModel(name, description, places) : { file, externalData };
  const author = { by: whoAmI(), now: new Date(), note };
  const facts = { ...files, copied, ...factsOf(description) };
  const { model, added, ...result } = await registry.add(name, facts, author, version);
  const isFar = added && reference && isS3(uri) && !isS3(location);
  return {
    version: shownVersion(model, result.version, registry),
    added,
    notices: isFar ? [farFile(location)] : [],
  };
}

/** What a version says of its model beside the files. */
function factsOf({
  uri: source,
  opsets,
  irVersion,
  producer,
  inputs,
  outputs,
  zipMaps,
}: ModelDescription): Omit<ModelFacts, 'file' | 'externalData' | 'copied'> {
  return {
    source,
    opsets: { ...opsets },
    irVersion,
    producer,
    inputs: [...inputs],
    outputs: [...outputs],
    classes: Object.fromEntries(
      Object.entries(zipMaps).map(([name, classes]) => [name, [...classes]]),
    ),
  };
}

function filesOf({
  uri,
  sha256,
  bytes,
  externalData,
}: ModelDescription): Pick<ModelFacts, 'file' | 'externalData'> {
  return { file: { uri, sha256, bytes }, externalData: [...externalData] };
}

/** @throws MODEL_OUTPUT_NOT_TENSOR */
function refuseWithoutTensor({ uri, outputs }: ModelDescription): void {
  if (outputs.some((output) => output.type !== 'non-tensor')) return;
  throw new ShardmillError('MODEL_OUTPUT_NOT_TENSOR', 'no output of the model is a tensor', {
    where: uri,
  });
}

const farFile = (location: string): string =>
  `${location} is a file of this machine, and the registry is in S3: a worker that has no such file cannot score with this version. Without --reference it is copied into the registry`;
