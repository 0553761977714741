import { appendFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vitest/config';
import { inRepository } from '../support/repository.js';
import type { Mutation } from './mutation.js';

/**
 * Changes files as they are loaded, and not on disk.
 * @param note gets a line with each file that was changed.
 */
export function mutateSource(mutation: Mutation, note: string): Plugin {
  const root = realpathSync(inRepository());
  return {
    name: 'mutate-source',
    enforce: 'pre',
    transform(code, id) {
      const file = path.relative(root, realpathSync(id.replace(/\?.*$/, '')));
      if (!mutation.edits.some((edit) => edit.file === file)) return undefined;
      appendFileSync(note, `${file}\n`);
      return { code: mutate(mutation, file, code), map: null };
    },
  };
}

/**
 * The text of a file with all edits of a mutation.
 * @throws Error where it is not as an edit expects it: a mutation must not go stale unseen.
 */
export function mutate({ name, edits }: Mutation, file: string, code: string): string {
  let changed = code;
  for (const { text, replacement } of edits.filter((edit) => edit.file === file)) {
    const pieces = changed.split(text);
    if (pieces.length !== 2) {
      const times = pieces.length - 1;
      throw new Error(`mutation "${name}": ${file} has this ${times} times, not once: ${text}`);
    }
    changed = pieces.join(replacement);
  }
  return changed;
}
