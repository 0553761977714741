import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestModule, requireAllowedModule, requirePlannedModule } from './allowed-module.js';

let root: string;
const at = (...names: string[]): string => path.join(root, ...names);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-modules-'));
  for (const folder of ['allowed', 'allowed-too', 'other']) {
    await mkdir(at(folder));
    await writeFile(at(folder, 't.mjs'), 'export default (batch) => batch;');
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a module', () => {
  test('may lie below an allowed folder, and anywhere where none is named', async () => {
    await requireAllowedModule(at('allowed', 't.mjs'), [at('none'), at('allowed')]);
    await requireAllowedModule(at('other', 't.mjs'), undefined);
  });

  test('may lie nowhere else, whatever leads there', async () => {
    await symlink(at('other', 't.mjs'), at('allowed', 'link.mjs'));
    await symlink(at('other'), at('allowed', 'folder'));
    for (const file of [
      at('other', 't.mjs'),
      at('allowed-too', 't.mjs'),
      at('allowed', '..', 'other', 't.mjs'),
      at('allowed', 'link.mjs'),
      at('allowed', 'folder', 't.mjs'),
    ]) {
      await expect(requireAllowedModule(file, [at('allowed')]), file).rejects.toMatchObject({
        code: 'LOCATION_FORBIDDEN',
      });
    }
    await expect(requireAllowedModule(at('allowed', 't.mjs'), [])).rejects.toMatchObject({
      code: 'LOCATION_FORBIDDEN',
    });
  });

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
