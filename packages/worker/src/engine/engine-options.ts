import type { StorageOptions } from '@shardmill/core';

/**
 * What an engine process is told first of all, as a message. Credentials are not among it: they are
 * in its environment.
 */
export interface EngineOptions {
  readonly storage?: StorageOptions | undefined;
  /** For models and input that are fetched; `defaultCacheFolder` where left out. */
  readonly cacheFolder?: string | undefined;
}
