import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/** Imports as the compiler writes them: each on a line of its own. */
const IMPORT = /^(?:import|export)(?: [^'"\n]* from)? ['"]([^'"]+)['"];$/gm;

/** Packages that are loaded with a module, by its static imports and those of what it imports. */
function packagesOf(file: string, seen: Set<string> = new Set(), found = new Set<string>()) {
  if (seen.has(file)) return found;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, name = ''] of text.matchAll(IMPORT)) {
    if (name.startsWith('node:')) continue;
    if (name.startsWith('.')) packagesOf(path.join(path.dirname(file), name), seen, found);
    else if (name.startsWith('@shardmill/')) packagesOf(entryOf(name, file), seen, found);
    else found.add(name);
  }
  return found;
}

/** The file that a workspace package exports under this name. */
function entryOf(name: string, importer: string): string {
  return createRequire(importer).resolve(name);
}

it('a local run loads none of the libraries that only a fleet needs', () => {
  const packages = packagesOf(entryOf('@shardmill/client/local-run', path.join(DIST, 'main.js')));
  expect([...packages].toSorted()).toEqual(['croner', 'picomatch', 'tinyglobby', 'zod']);
});

it('a run of which no events of lineage are sent loads nothing that makes or sends them', () => {
  const seen = new Set<string>();
  for (const name of ['@shardmill/client/services', '@shardmill/client/local-run']) {
    packagesOf(entryOf(name, path.join(DIST, 'main.js')), seen);
  }
  const loaded = [...seen].filter((file) => file.includes('/dist/lineage/'));
  // What a submission notes of its environment.
  expect(loaded.map((file) => path.basename(file))).toEqual(['parent-run.js']);
});

it('a program that imports the API loads nothing but the vocabulary', () => {
  const packages = packagesOf(path.join(DIST, 'index.js'));
  expect([...packages].toSorted()).toEqual([]);
});

it('an engine is forked without anything else being loaded', () => {
  const fork = entryOf('@shardmill/worker/fork-engine', path.join(DIST, 'main.js'));
  expect([...packagesOf(fork)]).toEqual([]);
  expect([...packagesOf(path.join(DIST, 'main.js'))]).toEqual(['picocolors']);
});
