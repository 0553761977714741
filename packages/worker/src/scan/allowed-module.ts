import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { type BoundTransform, ShardmillError } from '@shardmill/core';

/**
 * Refuses a module that does not lie in one of the folders, whatever links lead to it.
 * @param folders any folder is allowed where left out.
 * @throws LOCATION_FORBIDDEN; TRANSFORM_INVALID where it is not there
 */
export async function requireAllowedModule(
  file: string,
  folders: readonly string[] | undefined,
): Promise<void> {
  if (folders === undefined) return;
  const real = await realpath(file).catch((cause: unknown) => {
    const message = `cannot read the module: ${String(cause)}`;
    throw new ShardmillError('TRANSFORM_INVALID', message, { where: file, cause });
  });
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => folder);
    const inside = path.relative(root, real);
    if (inside !== '' && !inside.startsWith('..') && !path.isAbsolute(inside)) return;
  }
  throw new ShardmillError(
    'LOCATION_FORBIDDEN',
    `transforms may be loaded from ${folders.join(', ')} alone`,
    { where: file },
  );
}

/** Refuses a module that is not the one that was planned. @throws TRANSFORM_INVALID */
export async function requirePlannedModule({ module, sha256 }: BoundTransform): Promise<void> {
  const found = await digestModule(module);
  if (found === sha256) return;
  throw new ShardmillError(
    'TRANSFORM_INVALID',
    `the module has SHA-256 ${found}, the plan says ${sha256}: it was changed since, or is another one on this machine`,
    { where: module, remedy: 'Start a new run, and have the same files on all machines.' },
  );
}

/** @throws TRANSFORM_INVALID */
export async function digestModule(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (error) {
    throw new ShardmillError('TRANSFORM_INVALID', `cannot read the module: ${String(error)}`, {
      where: file,
      cause: error,
    });
  }
}
