import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  isErrno,
  isS3,
  type ModelDescription,
  parseS3,
  resolveLocation,
  ShardmillError,
  type Stores,
  storageError,
  suggestion,
} from '@shardmill/core';
import type { Services } from '../services.js';
import { inspectRun, type InspectedRun, readManifest, runsIn } from './inspect-run.js';
import type { InspectedParquet } from './parquet-description.js';

export type { InspectedRun, UnfinishedRun } from './inspect-run.js';

export type Inspected =
  | { readonly kind: 'parquet'; readonly parquet: InspectedParquet }
  | { readonly kind: 'model'; readonly model: ModelDescription }
  | InspectedRun;

/**
 * Finds out what lies at a location, and describes it.
 * @throws INPUT_NOT_FOUND, INPUT_UNREADABLE, USAGE, and what the engine throws for a damaged file.
 */
export async function inspectPath(
  location: string,
  options: { readonly run?: string | undefined; readonly data?: boolean | undefined },
  cwd: string,
  services: Pick<Services, 'withEngine' | 'stores'>,
): Promise<Inspected> {
  const { stores } = services;
  const target = resolveLocation(location, cwd);
  const kind = await kindAt(target, stores);
  switch (kind) {
    case 'output':
      if (!options.data) return inspectRun(target, stores, options.run);
      break;
    case 'manifest':
      return readManifest(target, stores);
    case 'model':
      return services.withEngine(async (engine) => ({
        kind: 'model',
        model: await engine.inspectModel(target),
      }));
    case 'other':
      break;
    default: {
      const unknown: never = kind;
      return unknown;
    }
  }
  if (options.run !== undefined) {
    throw new ShardmillError('USAGE', 'this is not the output folder of a run', {
      where: target,
      remedy: 'Give --run with an output folder, and without --data.',
    });
  }
  return services.withEngine(async (engine) => ({
    kind: 'parquet',
    parquet: await engine.inspectParquet(target),
  }));
}

type Kind = 'output' | 'manifest' | 'model' | 'other';

/** What lies at a location, as far as that is known without an engine. @throws INPUT_NOT_FOUND, STORE_… */
export function kindAt(target: string, stores: Stores): Promise<Kind> {
  return isS3(target) ? kindOfObject(target, stores) : kindOfPath(target, stores);
}

async function kindOfObject(target: string, stores: Stores): Promise<Kind> {
  const { store, key } = stores.objectAt(target);
  const object = parseS3(target).key === '' ? undefined : await store.head(key);
  if (object !== undefined) return kindOfFile(target, stores);
  // The search for Parquet reports what is not there, with what is.
  return (await runsIn(target, stores)).length > 0 ? 'output' : 'other';
}

async function kindOfPath(target: string, stores: Stores): Promise<Kind> {
  try {
    const info = await stat(target);
    if (info.isDirectory()) return (await runsIn(target, stores)).length > 0 ? 'output' : 'other';
    return await kindOfFile(target, stores);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR') && !(error instanceof ShardmillError)) {
      if (/[*?[]/.test(target)) return 'other';
      throw await notFound(target, error);
    }
    throw storageError(error, target, 'read');
  }
}

async function notFound(target: string, cause: unknown): Promise<ShardmillError> {
  const siblings = await readdir(path.dirname(target)).catch(() => []);
  const near = suggestion(path.basename(target), siblings, 'In its folder are');
  return new ShardmillError('INPUT_NOT_FOUND', `there is no such file or folder.${near}`, {
    where: target,
    cause,
  });
}

/** Decides by what the file begins with, then by its name. */
async function kindOfFile(target: string, stores: Stores): Promise<Kind> {
  const { store, key } = stores.objectAt(target);
  const first = await store.readRange(key, 0, 4);
  if (Buffer.from(first).toString('latin1') === 'PAR1') return 'other';
  if (path.extname(target) === '.json') return 'manifest';
  return ['.onnx', '.ort'].includes(path.extname(target)) ? 'model' : 'other';
}
