import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as core from '@shardmill/core';
import { createJiti } from 'jiti';
import { defaultCacheFolder } from '../stage/cache-folder.js';

/**
 * The exports of a TypeScript or JavaScript module of the user's. `shardmill` (what a definition needs
 * of it) and `apache-arrow` are this program's own, so that it needs no node_modules beside it, and an
 * Arrow vector that it makes is one of ours.
 */
export async function importModule(file: string): Promise<unknown> {
  const jiti = createJiti(file, {
    fsCache: path.join(defaultCacheFolder(), 'jobs'),
    interopDefault: false,
    virtualModules: { shardmill: core },
    // Not a virtual module, which would load it whether it is used or not.
    alias: { 'apache-arrow': fileURLToPath(import.meta.resolve('apache-arrow')) },
  });
  const exports: unknown = await jiti.import(file);
  return exports;
}
