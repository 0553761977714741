import { homedir } from 'node:os';
import path from 'node:path';

/** `$XDG_CACHE_HOME/shardmill`, the user's own folder: one in /tmp could be prepared by others. */
export function defaultCacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return path.join(env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'shardmill');
}
