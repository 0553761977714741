import { copyFile, cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inRepository } from '../support/repository.js';
import { type ProgramResult, runProgram } from '../support/run-program.js';

/** A folder like onnxruntime-node's own, with libraries of ours: CUDA is on no machine of tests. */
let folder = '';
let libraries = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-cuda-'));
  libraries = path.join(folder, 'bin', 'napi-v6', 'linux', 'x64');
  await mkdir(libraries, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{"version": "1.30.0"}');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]): Promise<ProgramResult> =>
  runProgram(process.execPath, [
    inRepository('scripts', 'install-cuda-provider.mjs'),
    '--package',
    folder,
    ...args,
  ]);

/** A library that can be loaded, in the place of a provider's. */
async function addLibraries(): Promise<void> {
  const [library = ''] = loadedLibraries().filter((file) => file.includes('libm.so'));
  for (const name of ['shared', 'cuda']) {
    await copyFile(library, path.join(libraries, `libonnxruntime_providers_${name}.so`));
  }
}

function loadedLibraries(): string[] {
  const found: unknown = Reflect.get(process.report.getReport(), 'sharedObjects');
  return Array.isArray(found) ? found.map(String) : [];
}

describe('the installer of the CUDA provider', () => {
  it('runs the script of onnxruntime-node, asking it to fetch what there is for this system', async () => {
    await mkdir(path.join(folder, 'script'));
    await writeFile(
      path.join(folder, 'script', 'install.js'),
      `require('node:fs').writeFileSync('fetched', process.env.ONNXRUNTIME_NODE_INSTALL);`,
    );
    const { code } = await run('--install');
    expect(code).toBe(0);
    const fetched = path.join(folder, 'fetched');
    const { stdout } = await runProgram('cat', [fetched]);
    expect(stdout).toBe('true');
  });

  it('reports that this script failed', async () => {
    await mkdir(path.join(folder, 'script'));
    await writeFile(path.join(folder, 'script', 'install.js'), 'process.exit(3);');
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain('the script of onnxruntime-node failed');
  });

  it('reports that the provider is not there', async () => {
    const { code, stderr } = await run('--check');
    expect(code).toBe(1);
    expect(stderr).toContain(`there is no ${libraries}/libonnxruntime_providers_shared.so`);
    expect(stderr).toContain('Run this script without --check');
  });

  it('reports which libraries of CUDA are not found', async () => {
    await addLibraries();
    // The binding of ONNX Runtime needs ONNX Runtime, which is not beside it here.
    const onnx = path.dirname(
      createRequire(inRepository('packages/worker/package.json')).resolve('onnxruntime-node'),
    );
    const binding = path.join(onnx, '../bin/napi-v6/linux/x64/onnxruntime_binding.node');
    await copyFile(
      await realpath(binding),
      path.join(libraries, 'libonnxruntime_providers_cuda.so'),
    );
    const { code, stderr } = await run('--check');
    expect(code).toBe(1);
    expect(stderr).toContain('these libraries are not found: libonnxruntime.so.1');
    expect(stderr).toContain('LD_LIBRARY_PATH');
  });

  it('does not take an ONNX Runtime that cannot compute with CUDA for one that can', async () => {
    await addLibraries();
    const onnx = createRequire(inRepository('packages/worker/package.json')).resolve(
      'onnxruntime-node',
    );
    await cp(path.dirname(onnx), path.join(folder, 'dist'), { recursive: true });
    await writeFile(
      path.join(folder, 'package.json'),
      '{"version": "1.30.0", "main": "missing.js"}',
    );
    const { code, stderr } = await run('--check');
    expect(code).toBe(1);
    expect(stderr).toContain('CUDA cannot be used');
  });
});
