import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Versions of what decides a result besides the plan, without loading any of it. */
export function runtimeVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (file: string): string => {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return String(Reflect.get(Object(parsed), 'version'));
  };
  return {
    node: process.versions.node,
    duckdb: versionOf(require.resolve('@duckdb/node-api/package.json')),
    onnxruntime: versionOf(require.resolve('onnxruntime-node/package.json')),
  };
}
