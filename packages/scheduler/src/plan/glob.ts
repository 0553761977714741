import path from 'node:path';
import { storageError } from '@shardmill/core';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';

/**
 * Globs over absolute paths, as picomatch has them: `*` and `?` within a name, `**` over folders,
 * `[a-c]`, `{a,b}`. Hidden names are matched only where the pattern itself names such.
 */
export interface Glob {
  /** Existing files and folders that match, in no order. @throws INPUT_UNREADABLE */
  find(): Promise<string[]>;
  /** Whether the path, or a folder above it whose whole content is then read, matches. */
  covers(absolutePath: string): boolean;
  /** The folder below which everything lies that can match: the part before the first wildcard. */
  readonly base: string;
}

export function parseGlob(text: string): Glob {
  // `folder/**` means the folder, of which then only the Parquet files are read.
  const pattern = text.replace(/(\/\*\*)+\/?$/, '');
  const base = literalBase(pattern);
  const below = path.relative(base, pattern);
  // Hidden names are our own matter: `_year=2026` is data, `_SUCCESS` is not.
  const matches = picomatch(below, { dot: true });
  const wantsHidden = below.split('/').some((name) => name.startsWith('.') || name.startsWith('_'));
  const visible = (relative: string): boolean => wantsHidden || !relative.split('/').some(isHidden);
  return {
    base,
    covers(target) {
      const relative = path.relative(base, target);
      const names = relative.split('/');
      if (names[0] === '..' || !visible(relative)) return false;
      return names.some((_, index) => matches(names.slice(0, index + 1).join('/')));
    },
    async find() {
      try {
        const found = await glob(below, {
          cwd: base,
          dot: true,
          onlyFiles: false,
          expandDirectories: false,
        });
        return found
          .map((name) => name.replace(/\/$/, ''))
          .filter(visible)
          .map((name) => path.join(base, name));
      } catch (error) {
        throw storageError(error, base, 'read');
      }
    },
  };
}

export function hasWildcards(text: string): boolean {
  return picomatch.scan(text).isGlob;
}

/** `_SUCCESS`, `.crc` and the like; but a partition folder `_year=2026` is data (as in Spark). */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || (name.startsWith('_') && !name.includes('='));
}

function literalBase(pattern: string): string {
  const { base, isGlob } = picomatch.scan(pattern);
  if (!isGlob) return path.dirname(pattern);
  return base === '' ? '/' : base;
}
