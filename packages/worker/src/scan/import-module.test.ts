import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Vector } from 'apache-arrow';
import { defineJob } from '@shardmill/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importModule } from './import-module.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-module-'));
  process.env['XDG_CACHE_HOME'] = path.join(folder, 'cache');
});
afterAll(async () => {
  delete process.env['XDG_CACHE_HOME'];
  await rm(folder, { recursive: true });
});

async function load(name: string, text: string): Promise<unknown> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  const exports: unknown = await importModule(file);
  return Reflect.get(Object(exports), 'default');
}

describe("importing a user's module, in a folder without node_modules", () => {
  it('gives it our own core and Arrow, in the file itself and in what it imports', async () => {
    await load('lib/helper.ts', "export { Vector as default } from 'apache-arrow';");
    const names = await load(
      'job.ts',
      `import { defineJob } from 'shardmill';
       import { Vector, type RecordBatch } from 'apache-arrow';
       import helper from './lib/helper.ts';
       enum Kind { A = 7 }
       export default { defineJob, Vector, helper, kind: Kind.A as number };`,
    );
    expect(names).toEqual({ defineJob, Vector, helper: Vector, kind: 7 });
  });

  it.each([
    ['plain.js', 'export default (x) => x + 1;'],
    ['module.mjs', 'export default (x) => x + 1;'],
    ['types.mts', 'export default (x: number): number => x + 1;'],
    ['awaits.ts', 'const one = await Promise.resolve(1); export default (x: number) => x + one;'],
  ])('reads %s', async (name, text) => {
    const apply = await load(name, text);
    expect(typeof apply === 'function' && Reflect.apply(apply, undefined, [1])).toBe(2);
  });

  it('reads CommonJS, where the module may be the function', async () => {
    await writeFile(path.join(folder, 'common.cjs'), 'module.exports = (x) => x + 1;');
    const exports: unknown = await importModule(path.join(folder, 'common.cjs'));
    const apply: unknown = Reflect.get(Object(exports), 'default') ?? exports;
    expect(typeof apply === 'function' && Reflect.apply(apply, undefined, [1])).toBe(2);
  });

  it('says what is wrong with it', async () => {
    await expect(load('broken.ts', 'export default {')).rejects.toThrow(/broken\.ts|Unexpected/);
    await expect(load('missing.ts', "import 'not-there';")).rejects.toThrow(/not-there/);
    await expect(load('throws.ts', "throw new Error('on load');")).rejects.toThrow('on load');
  });
});
