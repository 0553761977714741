import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRegularFile, readRegularPieces, requireRegularFile } from './regular-file.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-regular-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a regular file', () => {
  it('is read, also through a link', async () => {
    await writeFile(path.join(root, 'a'), 'content');
    await symlink('a', path.join(root, 'b'));
    expect(Buffer.from(await readRegularFile(path.join(root, 'b'))).toString()).toBe('content');
  });

  it('is read piece by piece, to its end', async () => {
    const content = Buffer.alloc(2 ** 21 + 5, 'abc');
    await writeFile(path.join(root, 'a'), content);
    const pieces: Uint8Array[] = [];
    for await (const piece of readRegularPieces(path.join(root, 'a'))) pieces.push(piece.slice());
    expect(pieces.map(({ length }) => length)).toEqual([2 ** 20, 2 ** 20, 5]);
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
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
    await expect(requireRegularFile(pipe)).rejects.toThrow('this is a pipe, not a file');
    await expect(requireRegularFile('/dev/zero')).rejects.toThrow('this is a device, not a file');
    await expect(requireRegularFile(path.join(root, 'zero'))).rejects.toThrow('a device');
    await expect(requireRegularFile(root)).rejects.toThrow('this is a folder, not a file');
  });
});
