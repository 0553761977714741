import type { AllowedLocations, StorageOptions } from '@shardmill/core';

/**
 * The first message to an engine process. It holds no credentials: those are in its environment.
 */
export interface EngineOptions {
  readonly storage?: StorageOptions | undefined;
  /** For models and input that are fetched; `defaultCacheFolder` where left out. */
  readonly cacheFolder?: string | undefined;
  /** Locations that jobs may name; any where left out. */
  readonly allow?: AllowedLocations | undefined;
}

/** How an engine process is started. */
export interface EngineStart extends EngineOptions {
  /**
   * For an engine of a fleet: names of environment variables that it gets beside those that are
   * needed. Where left out, it gets the environment of the process that starts it.
   */
  readonly environment?: readonly string[] | undefined;
}
