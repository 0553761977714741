import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const BUNDLE = fileURLToPath(new URL('../bundle/', import.meta.url));

/** Imports as the bundler writes them, each from the start of a line; and what is loaded later. */
const STATIC = /^(?:import|export)\b(?:[^'"\n]* from)? ?"([^"\n]+)";$/gm;
const DYNAMIC = /\b(?:import|__require)\("([^"\n]+)"\)/g;

/** What libraries look for and do without. */
const OPTIONAL = new Set(['@valkey/valkey-glide', 'pg', 'picomatch']);

const texts = new Map<string, string>();
function read(file: string): string {
  const name = path.basename(file);
  const text = texts.get(name) ?? readFileSync(path.join(BUNDLE, name), 'utf8');
  texts.set(name, text);
  return text;
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

/** The files that are loaded with a file. */
function closureOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const name of namesIn(read(file), STATIC)) if (name.startsWith('.')) closureOf(name, seen);
  return seen;
}

it('leaves out of the bundle only packages that cannot be moved', () => {
  const files = readdirSync(BUNDLE);
  const packages = files.flatMap((file) => {
    const text = read(file);
    return [...namesIn(text, STATIC), ...namesIn(text, DYNAMIC)];
  });
  const outside = new Set(
    packages.filter((name) => !name.startsWith('.') && !isBuiltin(name) && !OPTIONAL.has(name)),
  );
  expect([...outside].toSorted()).toEqual([
    '@anush008/tokenizers',
    '@duckdb/node-bindings',
    'apache-arrow',
    'jiti',
    'onnxruntime-node',
    'pino',
    'sharp',
  ]);
});

it.each(['main.js', 'engine.js', 'lane.js', 'planner.js'])(
  '%s starts from a few files',
  (entry) => {
    expect(closureOf(`./${entry}`).size).toBeLessThan(25);
  },
);

it('a lane that runs a model loads no DuckDB', () => {
  const text = [...closureOf('./lane.js')].map(read).join('\n');
  expect(namesIn(text, DYNAMIC)).not.toContain('@duckdb/node-bindings');
  expect(text).not.toContain('DuckDBInstance');
});

/**
 * A package's index loads all that it names, also where one name of it is used: what a local run needs has
 * entries of its own.
 */
it('of what services load when a call needs it, nothing comes with the libraries for Redis and metrics', () => {
  const holding = readdirSync(BUNDLE).filter((file) =>
    /^var require_(Redis|prom_client) =/m.test(read(file)),
  );
  expect(holding).not.toEqual([]);
  const withLibraries = (file: string): boolean =>
    [...closureOf(file)].some((one) => holding.includes(path.basename(one)));
  const [services = ''] = readdirSync(BUNDLE).filter((file) => file.startsWith('services-'));
  const loaded = namesIn(read(services), DYNAMIC);
  expect(loaded).toContainEqual(expect.stringMatching(/^\.\/local-run-/));
  expect(loaded.filter(withLibraries)).toEqual([]);
});
