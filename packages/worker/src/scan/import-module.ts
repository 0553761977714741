import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';

/** The default export of a TypeScript or JavaScript module of the user's. */
export async function importModule(file: string): Promise<unknown> {
  const core = fileURLToPath(import.meta.resolve('@shardmill/core'));
  const jiti = createJiti(import.meta.url, {
    alias: { '@shardmill/core': core, shardmill: core },
    interopDefault: true,
  });
  const loaded: unknown = await jiti.import(file, { default: true });
  return loaded;
}
