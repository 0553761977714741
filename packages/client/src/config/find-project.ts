import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { ShardmillError } from '@shardmill/core';
import { DEFINITION_EXTENSIONS } from '../read-definition/read-definition.js';

/** Where relative settings start, and what is configured there. */
export interface Project {
  /** The configuration file's folder; else the nearest one with a `.shardmill` in it; else `cwd`. */
  readonly folder: string;
  readonly file: string | undefined;
}

/** What stands in the topmost folder of a project: nothing is looked for above it. */
export const ROOT_MARKS = ['pnpm-workspace.yaml', '.git'];
/** Runs, and what `dev` writes; kept out of version control. */
export const WORK_FOLDER = '.shardmill';

/**
 * The nearest `shardmill.config.*` at or above `cwd`, not further up than the project's root.
 * @param given a file that the user named instead.
 * @throws CONFIG_INVALID where the given one does not exist, or a folder has two of them.
 */
export function findProject(cwd: string, given?: string): Project {
  if (given !== undefined) {
    const file = path.resolve(cwd, given);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new ShardmillError('CONFIG_INVALID', 'there is no such configuration file', {
        where: file,
        remedy: 'Correct the path in --config or SHARDMILL_CONFIG.',
      });
    }
    return { folder: path.dirname(file), file };
  }
  const folders = [...foldersUp(cwd)];
  for (const folder of folders) {
    const file = configIn(folder);
    if (file !== undefined) return { folder, file };
  }
  const used = folders.find((folder) => existsSync(path.join(folder, WORK_FOLDER)));
  return { folder: used ?? cwd, file: undefined };
}

/** `cwd` and the folders above it up to the project's root. */
function* foldersUp(cwd: string): Generator<string> {
  for (let place = cwd; ; place = path.dirname(place)) {
    yield place;
    if (ROOT_MARKS.some((mark) => existsSync(path.join(place, mark)))) return;
    if (place === path.dirname(place)) return;
  }
}

function configIn(folder: string): string | undefined {
  const found = DEFINITION_EXTENSIONS.map((end) =>
    path.join(folder, `shardmill.config${end}`),
  ).filter((file) => existsSync(file));
  if (found.length > 1) {
    const names = found.map((file) => path.basename(file)).join(' and ');
    throw new ShardmillError('CONFIG_INVALID', `there are two configuration files: ${names}`, {
      where: folder,
      remedy: 'Keep one of them, or name the one that you mean with --config.',
    });
  }
  return found[0];
}
