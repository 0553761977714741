import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestModule, requirePlannedModule } from './allowed-module.js';

let root: string;
const at = (...names: string[]): string => path.join(root, ...names);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-modules-'));
  await mkdir(at('allowed'));
  await writeFile(at('allowed', 't.mjs'), 'export default (batch) => batch;');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a module', () => {
  test('must be the one that was planned', async () => {
    const module = at('allowed', 't.mjs');
    const planned = { module, export: 'function', columns: [] } as const;
    const sha256 = await digestModule(module);
    await requirePlannedModule({ ...planned, columns: [], sha256 });
    await writeFile(module, 'export default () => {};');
    await expect(requirePlannedModule({ ...planned, columns: [], sha256 })).rejects.toMatchObject({
      code: 'TRANSFORM_INVALID',
    });
  });
});
