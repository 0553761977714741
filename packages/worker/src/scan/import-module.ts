import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as core from '@shardmill/core';
import { createJiti } from 'jiti';

/**
 * The exports of a TypeScript or JavaScript module of the user's. `shardmill`, `@shardmill/core` and
 * `apache-arrow` are this program's own, so that it needs no node_modules beside it, and an Arrow
 * vector that it makes is one of ours.
 */
export async function importModule(file: string): Promise<unknown> {
  const jiti = createJiti(file, {
    fsCache: cacheFolder(process.env),
    interopDefault: false,
    virtualModules: { shardmill: core, '@shardmill/core': core },
    // Not a virtual module, which would load it whether it is used or not.
    alias: { 'apache-arrow': fileURLToPath(import.meta.resolve('apache-arrow')) },
  });
  const exports: unknown = await jiti.import(file);
  return exports;
}

/** The user's own folder: one in /tmp could be prepared by somebody else. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  return path.join(env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'shardmill', 'jobs');
}
