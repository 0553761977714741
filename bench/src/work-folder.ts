import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Holds datasets, which are kept, and results, which are not. Ignored by git. */
const WORK_FOLDER = path.join(path.dirname(import.meta.dirname), '.work');

/** The program under measurement: `packages/cli/bin/shardmill.js`. */
export const SHARDMILL = fileURLToPath(
  new URL('../bin/shardmill.js', import.meta.resolve('shardmill')),
);

/** A path in the work folder; the folder that it lies in is made. */
export async function workPath(...names: readonly string[]): Promise<string> {
  const target = path.join(WORK_FOLDER, ...names);
  await mkdir(path.dirname(target), { recursive: true });
  return target;
}
