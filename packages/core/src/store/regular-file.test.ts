import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRegularFile, readRegularFile } from './regular-file.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-regular-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a regular file', () => {
  it('is read, also through a link', async () => {
    await writeFile(path.join(root, 'a'), 'content');
    await symlink('a', path.join(root, 'b'));
    expect((await readRegularFile(path.join(root, 'b'))).toString()).toBe('content');
  });

  it('is not read where it is larger than expected', async () => {
    await writeFile(path.join(root, 'a'), 'content');
    await expect(readRegularFile(path.join(root, 'a'), 6)).rejects.toThrow(
      'the file has 7 bytes; at most 6 are read',
    );
  });

  it('is nothing else: a device, a pipe, a folder are refused at once', async () => {
    const pipe = path.join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await symlink('/dev/zero', path.join(root, 'zero'));
    await expect(openRegularFile(pipe)).rejects.toThrow('this is a pipe, not a file');
    await expect(openRegularFile('/dev/zero')).rejects.toThrow('this is a device, not a file');
    await expect(openRegularFile(path.join(root, 'zero'))).rejects.toThrow('a device');
    await expect(openRegularFile(root)).rejects.toThrow('this is a folder, not a file');
  });
});
