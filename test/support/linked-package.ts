import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { inRepository } from './repository.js';

/** Lets modules in a folder import `shardmill`, as if it were installed there. */
export async function linkPackage(folder: string): Promise<void> {
  const modules = path.join(folder, 'node_modules');
  await mkdir(modules, { recursive: true });
  await symlink(inRepository('packages', 'cli'), path.join(modules, 'shardmill'));
}
