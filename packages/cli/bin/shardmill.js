#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

// Node 22 and later keep compiled code between runs; older ones do without.
const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
module.enableCompileCache?.(path.join(caches, 'shardmill', 'compile'));

const { main } = await import('../dist/main.js');
await main(process.argv);
