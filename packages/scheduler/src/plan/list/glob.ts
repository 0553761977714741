import path from 'node:path';
import { storageError } from '@shardmill/core';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';
import { isHidden } from './input-names.js';

/**
 * Globs over absolute paths, as picomatch has them: `*` and `?` within a name, `**` over folders,
 * `[a-c]`, `{a,b}`. Hidden names are matched only where the pattern itself names such.
 */
export interface Glob {
  /** Existing files and folders that match, in no order. @throws INPUT_UNREADABLE */
  find(signal?: AbortSignal): Promise<string[]>;
  /** Whether the path, or a folder above it whose whole content is then read, matches. */
  covers(absolutePath: string): boolean;
  /** Whether a file matches itself, or lies in a folder that matches, visibly. */
  matchOf(absolutePath: string): 'file' | 'folder' | undefined;
  /** The folder below which everything lies that can match: the part before the first wildcard. */
  readonly base: string;
  /** What all paths that can match begin with; it may end within a name. */
  readonly prefix: string;
}

export function parseGlob(text: string): Glob {
  // `folder/**` means the folder, of which then only the Parquet files are read.
  const pattern = text.replace(/(\/\*\*)+\/?$/, '');
  const base = literalBase(pattern);
  const below = path.relative(base, pattern);
  // Hidden names are our own matter: `_year=2026` is data, `_SUCCESS` is not.
  const matches = picomatch(below, { dot: true, posix: true });
  const wantsHidden = below.split('/').some((name) => name.startsWith('.') || name.startsWith('_'));
  const visible = (names: readonly string[]): boolean => !names.some(isHidden);
  const namesBelow = (target: string): string[] => path.relative(base, target).split('/');
  return {
    base,
    prefix: literalPrefix(pattern),
    covers(target) {
      const names = namesBelow(target);
      if (names[0] === '..' || !(wantsHidden || visible(names))) return false;
      return names.some((_, index) => matches(names.slice(0, index + 1).join('/')));
    },
    matchOf(target) {
      const names = namesBelow(target);
      const matchesUpTo = (count: number): boolean =>
        (wantsHidden || visible(names.slice(0, count))) &&
        matches(names.slice(0, count).join('/')) &&
        visible(names.slice(count));
      if (matchesUpTo(names.length)) return 'file';
      return names.some((_, index) => matchesUpTo(index + 1)) ? 'folder' : undefined;
    },
    async find(signal) {
      try {
        const found = await glob(below, {
          cwd: base,
          dot: true,
          onlyFiles: false,
          expandDirectories: false,
          ...(signal !== undefined && { signal }),
        });
        return found
          .map((name) => name.replace(/\/$/, ''))
          .filter((name) => wantsHidden || visible(name.split('/')))
          .map((name) => path.join(base, name));
      } catch (error) {
        signal?.throwIfAborted();
        throw storageError(error, base, 'read');
      }
    },
  };
}

export function hasWildcards(text: string): boolean {
  return picomatch.scan(text).isGlob;
}

function literalBase(pattern: string): string {
  const { base, isGlob } = picomatch.scan(pattern);
  if (!isGlob) return path.dirname(pattern);
  return base === '' ? '/' : base;
}

/** The pattern up to the first character that could mean something else than itself. */
function literalPrefix(pattern: string): string {
  const special = pattern.search(/[*?[\]{}()|\\]|[!+@](?=\()/);
  return special < 0 ? pattern : pattern.slice(0, special);
}
