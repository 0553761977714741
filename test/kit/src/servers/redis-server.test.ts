import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from './redis-server.js';

let server: RedisServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('a Redis server for tests', () => {
  it.each([
    [true, 'v'],
    [false, ''],
  ])('with appendOnly %s has %j after a restart', async (appendOnly, expected) => {
    server = await startRedisServer({ appendOnly });
    await server.command('SET', 'k', 'v');
    const { pid } = server;
    await server.restart();
    expect(await server.command('GET', 'k')).toBe(expected);
    expect(server.pid).not.toBe(pid);
  });

  it('is emptied', async () => {
    server = await startRedisServer();
    await server.command('SET', 'k', 'v');
    await server.flushAll();
    expect(await server.command('DBSIZE')).toBe('0');
  });

  it('says which package is missing', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'shardmill-path-'));
    const before = process.env['PATH'];
    try {
      for (const name of ['sh', 'cat']) await symlink(`/bin/${name}`, path.join(folder, name));
      process.env['PATH'] = folder;
      await expect(startRedisServer()).rejects.toThrow(/apt-get install .*redis-server/);
    } finally {
      process.env['PATH'] = before;
      await rm(folder, { recursive: true });
    }
  });
});
