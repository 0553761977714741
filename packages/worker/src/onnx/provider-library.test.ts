import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainLibrary } from './provider-library.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-library-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('why the library of a provider cannot be loaded', () => {
  it('is that it is not there', () => {
    const file = path.join(folder, 'libonnxruntime_providers_shared.so');
    expect(explainLibrary('cuda', folder)).toBe(`there is no ${file}`);
  });

  it('is what the loader of the system says', async () => {
    await writeFile(path.join(folder, 'libonnxruntime_providers_shared.so'), 'no library');
    expect(explainLibrary('tensorrt', folder)).toMatch(
      /^libonnxruntime_providers_shared\.so: .*(?:file too short|invalid ELF header|not a mach-o)/i,
    );
  });

  it('is nothing where it can be loaded, or where there is no such library', async () => {
    const library = process.report.getReport();
    const loaded = Reflect.get(library, 'sharedObjects') as string[];
    const libc = loaded.find((file) => /libm\.so|libSystem/.test(file)) ?? '';
    for (const name of ['shared', 'cuda']) {
      await copyFile(libc, path.join(folder, `libonnxruntime_providers_${name}.so`));
    }
    expect(explainLibrary('cuda', folder)).toBeUndefined();
    expect(explainLibrary('cpu', folder)).toBeUndefined();
    expect(explainLibrary('webgpu', folder)).toBeUndefined();
  });
});
