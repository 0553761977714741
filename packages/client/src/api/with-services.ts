import path from 'node:path';
import type { ConfigDefinition } from '@shardmill/core';
import type { Services } from '../services.js';

export interface ServiceOptions {
  /** Where the nearest configuration file is looked for; the working directory where left out. */
  readonly base?: string | undefined;
  readonly config?: ConfigDefinition | undefined;
}

/** Opens what a call of the API needs, and closes it afterwards. @throws CONFIG_INVALID */
export async function withServices<T>(
  options: ServiceOptions,
  use: (services: Services) => Promise<T>,
): Promise<T> {
  const services = await openServices(options);
  try {
    return await use(services);
  } finally {
    await services.close();
  }
}

/** @throws CONFIG_INVALID */
async function openServices({ base = '.', config }: ServiceOptions): Promise<Services> {
  const [{ loadSettings }, { createServices }] = await Promise.all([
    import('../config/load-settings.js'),
    import('../services.js'),
  ]);
  const cwd = path.resolve(base);
  return createServices(await loadSettings({ flags: {}, config, cwd, env: process.env }));
}
