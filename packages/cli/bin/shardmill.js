#!/usr/bin/env node
import { statSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

// Node 22 and later keep compiled code between runs, engines included; older ones do without.
const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
process.env.NODE_COMPILE_CACHE ??= path.join(caches, 'shardmill', 'compile');
module.enableCompileCache?.();

// A run calls most functions a few times: to compile them to the end takes longer than it saves, and takes the
// engine's cores. Node 22 and later have a compiler in between, and no such flag any more.
if (process.versions.node.startsWith('20.')) v8.setFlagsFromString('--interrupt-budget=1048576');

const { main } = await (isBundleCurrent()
  ? import('../bundle/main.js')
  : import('../dist/main.js'));
await main(process.argv);

/** Where this is developed, a package may have been compiled since the bundle was made of them. */
function isBundleCurrent() {
  const bundled = timeOf('../bundle/main.js');
  return (
    ['core', 'queue', 'trees', 'scheduler', 'worker', 'client', 'cli'].every(
      (name) => timeOf(`../../${name}/tsconfig.tsbuildinfo`) <= bundled,
    ) && bundled > 0
  );
}

/** 0 where there is no such file, as in an installed package. */
function timeOf(file) {
  return (
    statSync(fileURLToPath(new URL(file, import.meta.url)), { throwIfNoEntry: false })?.mtimeMs ?? 0
  );
}
