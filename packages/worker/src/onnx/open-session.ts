import { type ExecutionProvider, ShardmillError } from '@shardmill/core';
import { classifyFailure } from './classify-failure.js';
import { clean, loadError } from './session-errors.js';
import { isNamed, remedyFor } from './provider-facts.js';

/** What is known of a session besides the model. */
export interface SessionReport {
  /** Providers in use, the preferred one first; with `cpu` where some of the model is left to it. */
  readonly providers: readonly ExecutionProvider[];
  /** Providers that were requested and cannot be used. */
  readonly missing: readonly MissingProvider[];
}

interface MissingProvider {
  readonly provider: ExecutionProvider;
  /** What ONNX Runtime said. */
  readonly reason: string;
}

/** Makes a session with these providers; `alone` refuses one that leaves anything to the CPU. */
export type CreateSession<S extends Releasable> = (
  providers: readonly ExecutionProvider[],
  alone: boolean,
) => Promise<S>;

interface Releasable {
  release(): Promise<void>;
}

interface OpenOptions {
  readonly modelPath: string;
  /** Providers in the order of preference; nothing is left over for those after `cpu`. */
  readonly providers: readonly ExecutionProvider[];
  /** Providers that this ONNX Runtime knows: it drops others from a list without an error. */
  readonly supported: readonly string[];
  /** Says why the library of a provider cannot be loaded, if it is that. */
  readonly explain: (provider: ExecutionProvider) => string | undefined;
}

/**
 * Opens a session with those of the wanted providers that are there. ONNX Runtime itself refuses
 * the whole list where one of it is missing.
 * @throws PROVIDER_MISSING where none is there; MODEL_…, ENGINE_OUT_OF_MEMORY, DEVICE_OUT_OF_MEMORY
 */
export async function openSession<S extends Releasable>(
  create: CreateSession<S>,
  { modelPath, providers, supported, explain }: OpenOptions,
): Promise<{ readonly session: S; readonly report: SessionReport }> {
  const wanted = upToCpu([...new Set(providers)]);
  const missing: MissingProvider[] = wanted
    .filter((provider) => !supported.includes(provider))
    .map((provider) => ({ provider, reason: 'not a provider of ONNX Runtime on this system' }));
  let left = wanted.filter((provider) => supported.includes(provider));
  if (left.length === 0) throw providerMissing(missing);
  for (;;) {
    const [first = 'cpu'] = left;
    try {
      const { session, used } = await createPlaced(create, left);
      return { session, report: { providers: used, missing } };
    } catch (error) {
      if (first === 'cpu') throw loadError(error, modelPath);
      const message = clean(error);
      if (classifyFailure(message, first) !== 'model') throw loadError(error, modelPath, first);
      const provider = left.find((name) => isNamed(name, message)) ?? first;
      // A message that names no provider may be about the model: a try on the CPU shows it.
      if (!isNamed(provider, message)) await loadsOnCpu(create, modelPath);
      const more = explain(provider);
      missing.push({ provider, reason: more === undefined ? message : `${message} (${more})` });
      left = left.filter((name) => name !== provider);
      if (left.length === 0) throw providerMissing(missing);
    }
  }
}

function upToCpu(providers: readonly ExecutionProvider[]): ExecutionProvider[] {
  const cpu = providers.indexOf('cpu');
  return providers.slice(0, cpu < 0 ? undefined : cpu + 1);
}

/** Finds out whether the preferred provider computes all of the model. */
async function createPlaced<S extends Releasable>(
  create: CreateSession<S>,
  providers: readonly ExecutionProvider[],
): Promise<{ session: S; used: readonly ExecutionProvider[] }> {
  const devices = providers.filter((name) => name !== 'cpu');
  if (providers[0] !== 'cpu') {
    try {
      return { session: await create(devices, true), used: devices };
    } catch {
      // The session that may use the CPU reports the same failure again.
    }
  }
  return { session: await create(providers, false), used: [...devices, 'cpu'] };
}

/** @throws MODEL_… where the model cannot be loaded by any provider. */
async function loadsOnCpu<S extends Releasable>(
  create: CreateSession<S>,
  modelPath: string,
): Promise<void> {
  try {
    const session = await create(['cpu'], false);
    await session.release();
  } catch (error) {
    throw loadError(error, modelPath);
  }
}

function providerMissing(missing: readonly MissingProvider[]): ShardmillError {
  const [first] = missing;
  const names = missing.map(({ provider }) => provider);
  const said = missing.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ');
  const remedy = first === undefined ? undefined : remedyFor(first.provider);
  return new ShardmillError('PROVIDER_MISSING', `ONNX Runtime here cannot use ${said}`, {
    where: 'resources.executionProviders',
    remedy:
      remedy === undefined
        ? undefined
        : `${remedy}, or name a fallback: executionProviders: ['${[...names, 'cpu'].join("', '")}'].`,
  });
}
