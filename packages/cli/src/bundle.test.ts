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

const read = (file: string): string => readFileSync(path.join(BUNDLE, file), 'utf8');

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
