import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isErrno, storageError } from '@shardmill/core';

/**
 * Globs over absolute paths: `*` and `?` within a name, `**` over folders, `[a-c]`, `[!a]`,
 * `{a,b}`. Names that begin with `_` or `.` are matched only by a pattern that begins so itself.
 */
export interface Glob {
  /** Existing files and folders that match, in no order. @throws INPUT_UNREADABLE */
  find(): Promise<string[]>;
  /** Whether the path, or a folder above it whose whole content is then read, matches. */
  covers(absolutePath: string): boolean;
  /** The folder below which everything lies that can match: the part before the first wildcard. */
  readonly base: string;
}

export function parseGlob(pattern: string): Glob {
  const alternatives = expandBraces(pattern).map((text) => names(text).map(parseSegment));
  return {
    base: literalBase(pattern),
    covers: (target) => alternatives.some((segments) => covers(segments, names(target))),
    find: async () => {
      const found = new Set<string>();
      for (const segments of alternatives) await find('/', segments, found);
      return [...found];
    },
  };
}

export function hasWildcards(text: string): boolean {
  return /[*?[]/.test(text) || expandBraces(text).length > 1;
}

/** `_SUCCESS`, `.crc` and the like; but a partition folder `_year=2026` is data (as in Spark). */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || (name.startsWith('_') && !name.includes('='));
}

type Segment =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'wildcard'; readonly pattern: RegExp; readonly hidden: boolean }
  | { readonly kind: 'folders' };

function parseSegment(text: string): Segment {
  if (text === '**') return { kind: 'folders' };
  if (!/[*?[]/.test(text)) return { kind: 'name', name: text };
  return {
    kind: 'wildcard',
    pattern: toRegExp(text),
    hidden: text.startsWith('.') || text.startsWith('_'),
  };
}

function accepts(segment: Exclude<Segment, { kind: 'folders' }>, name: string): boolean {
  if (segment.kind === 'name') return segment.name === name;
  return segment.pattern.test(name) && (segment.hidden || !isHidden(name));
}

function covers(segments: readonly Segment[], target: readonly string[]): boolean {
  const [first, ...rest] = segments;
  if (first === undefined) return target.every((name) => !isHidden(name));
  const [name, ...deeper] = target;
  if (first.kind === 'folders') {
    if (covers(rest, target)) return true;
    return name !== undefined && !isHidden(name) && covers(segments, deeper);
  }
  return name !== undefined && accepts(first, name) && covers(rest, deeper);
}

async function find(
  folder: string,
  segments: readonly Segment[],
  found: Set<string>,
): Promise<void> {
  const [first, ...rest] = segments;
  if (first === undefined) {
    found.add(folder);
    return;
  }
  if (first.kind === 'name') {
    const next = path.join(folder, first.name);
    if (await exists(next)) await find(next, rest, found);
    return;
  }
  if (first.kind === 'folders') await find(folder, rest, found);
  for (const entry of await entriesOf(folder)) {
    const next = path.join(folder, entry.name);
    if (first.kind === 'wildcard') {
      if (!accepts(first, entry.name)) continue;
      if (rest.length === 0 || entry.isDirectory() || entry.isSymbolicLink()) {
        await find(next, rest, found);
      }
    } else if (entry.isDirectory() && !isHidden(entry.name)) {
      await find(next, segments, found);
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw storageError(error, folder, 'read');
  }
}

async function exists(target: string): Promise<boolean> {
  try {
    await stat(target);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw storageError(error, target, 'read');
  }
}

function names(absolutePath: string): string[] {
  return absolutePath.split('/').filter((name) => name !== '');
}

function literalBase(pattern: string): string {
  const wildcard = pattern.search(/[*?[{]/);
  return path.dirname(wildcard < 0 ? pattern : `${pattern.slice(0, wildcard)}x`);
}

/** Every reading of `{a,b}`; braces without a comma stand for themselves. */
function expandBraces(text: string): string[] {
  for (let open = text.indexOf('{'); open >= 0; open = text.indexOf('{', open + 1)) {
    const choices = choicesAt(text, open);
    if (choices === undefined) continue;
    const before = text.slice(0, open);
    const after = text.slice(choices.end + 1);
    return choices.texts.flatMap((choice) => expandBraces(before + choice + after));
  }
  return [text];
}

function choicesAt(text: string, open: number): { texts: string[]; end: number } | undefined {
  const texts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = open; i < text.length; i++) {
    const char = text[i];
    if (char === '{') depth++;
    else if (char === '}' && --depth === 0) {
      texts.push(text.slice(start, i));
      return texts.length > 1 ? { texts, end: i } : undefined;
    } else if (char === ',' && depth === 1) {
      texts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return undefined;
}

function toRegExp(segment: string): RegExp {
  let source = '';
  for (let i = 0; i < segment.length; i++) {
    const char = segment.charAt(i);
    const close = char === '[' ? segment.indexOf(']', i + 2) : -1;
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (close > 0) {
      const set = segment.slice(i + 1, close).replaceAll(/[\\\]^]/g, '\\$&');
      source += set.startsWith('!') ? `[^${set.slice(1)}]` : `[${set.replace(/^\\\^/, '^')}]`;
      i = close;
    } else source += char.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 'su');
}
