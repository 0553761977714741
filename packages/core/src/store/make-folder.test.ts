import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'make-folder-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

describe('makeFolder', () => {
  it('makes what is missing, by many at once, and leaves what is there', async () => {
    const folder = path.join(base, 'a/b/c');
    await Promise.all(Array.from({ length: 20 }, () => makeFolder(folder)));
    expect((await stat(folder)).isDirectory()).toBe(true);
    await makeFolder(folder);
    await makeFolder('/');
  });

  it('follows a link to a folder', async () => {
    await makeFolder(path.join(base, 'real'));
    await symlink(path.join(base, 'real'), path.join(base, 'link'));
    await makeFolder(path.join(base, 'link'));
    await makeFolder(path.join(base, 'link/below'));
    expect((await stat(path.join(base, 'real/below'))).isDirectory()).toBe(true);
  });

  it.each(['file', 'file/x/y', 'fifo', 'fifo/x', 'nowhere', 'nowhere/x'])(
    'fails at %s',
    async (name) => {
      await writeFile(path.join(base, 'file'), '');
      await promisify(execFile)('mkfifo', [path.join(base, 'fifo')]);
      await symlink(path.join(base, 'is/not/there'), path.join(base, 'nowhere'));
      await expect(makeFolder(path.join(base, name))).rejects.toThrow(/ENOTDIR|EEXIST|ENOENT/);
    },
  );

  it.runIf(process.platform === 'linux').each(['/proc/x/y/z', '/proc/self/x', '/dev/null/x'])(
    'fails at %s within a second',
    async (folder) => {
      const began = performance.now();
      await expect(makeFolder(folder)).rejects.toThrow(/E[A-Z]+:/);
      expect(performance.now() - began).toBeLessThan(1000);
    },
  );
});
