import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import type { BenchOptions } from './options.js';

/** Where and with what the measurements were taken. */
export interface Environment {
  readonly date: string;
  /** With `+` for changes that are not committed. */
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  /** Those that the product and the baselines may use. */
  readonly threads: number;
  readonly memoryBytes: number;
  readonly system: string;
  /** Processes that wanted a core in the minute before: others' work makes noise. */
  readonly loadBefore: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly options: Omit<BenchOptions, 'help' | 'json'>;
}

export function describeEnvironment(options: BenchOptions): Environment {
  const { help: _help, json: _json, ...asked } = options;
  return {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    threads: options.threads,
    memoryBytes: os.totalmem(),
    system: `${os.type()} ${os.release()}`,
    loadBefore: os.loadavg()[0] ?? 0,
    versions: {
      node: process.versions.node,
      shardmill: versionOf('shardmill'),
      duckdb: versionOf('@duckdb/node-api'),
      onnxruntime: versionOf('onnxruntime-node'),
      'parquetjs-lite': versionOf('parquetjs-lite'),
    },
    options: asked,
  };
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

/** From the `package.json` of a dependency, which lies at or above its entry point. */
function versionOf(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  for (let folder = new URL('.', `file://${entry}`); ; folder = new URL('..', folder)) {
    const found = readVersion(new URL('package.json', folder), name);
    if (found !== undefined) return found;
    if (folder.pathname === '/') return 'unknown';
  }
}

function readVersion(file: URL, name: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const fields = Object(manifest);
    return Reflect.get(fields, 'name') === name
      ? String(Reflect.get(fields, 'version'))
      : undefined;
  } catch {
    return undefined;
  }
}
