import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  isErrno,
  localPath,
  type ModelDescription,
  ShardmillError,
  storageError,
  suggestion,
} from '@shardmill/core';
import type { Services } from '../services.js';
import { inspectRun, type InspectedRun, readManifest, runsIn } from './inspect-run.js';
import type { InspectedParquet } from './parquet-description.js';

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
  services: Pick<Services, 'withEngine'>,
): Promise<Inspected> {
  const target = localPath(location, cwd);
  const kind = await kindOf(target);
  switch (kind) {
    case 'output':
      if (!options.data) return inspectRun(target, options.run);
      break;
    case 'manifest':
      return readManifest(target);
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

/** By what the file begins with, then by its name. */
async function kindOf(target: string): Promise<'output' | 'manifest' | 'model' | 'other'> {
  try {
    const info = await stat(target);
    if (info.isDirectory()) return (await runsIn(target)).length > 0 ? 'output' : 'other';
    if ((await firstBytes(target, 4)) === 'PAR1') return 'other';
    if (path.extname(target) === '.json') return 'manifest';
    return ['.onnx', '.ort'].includes(path.extname(target)) ? 'model' : 'other';
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

async function firstBytes(file: string, bytes: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
