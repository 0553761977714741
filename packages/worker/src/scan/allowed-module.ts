import { createHash } from 'node:crypto';
import { type BoundTransform, readRegularFile, ShardmillError } from '@shardmill/core';

/** A module is program text: a larger file is none. */
const MAX_MODULE_BYTES = 16 * 2 ** 20;

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
      .update(await readRegularFile(file, MAX_MODULE_BYTES))
      .digest('hex');
  } catch (error) {
    throw new ShardmillError('TRANSFORM_INVALID', `cannot read the module: ${String(error)}`, {
      where: file,
      cause: error,
    });
  }
}
