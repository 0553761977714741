import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const inRepository = (...names: string[]): string => path.join(ROOT, ...names);

/** The text of a file of the repository. */
export const readRepository = (...names: string[]): Promise<string> =>
  readFile(inRepository(...names), 'utf8');
