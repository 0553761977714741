import { readdir, readFile } from 'node:fs/promises';
import type { ProxiedRequest } from '@shardmill/test-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { bytes, SOON, text, useS3 } from '../../testing/use-s3.js';

const s3 = useS3();

describe('reading', () => {
  const content = Buffer.from('0123456789'.repeat(1000));
  beforeEach(() => s3.direct.create('a', content));

  it('repeats what was cut off, or not answered', async () => {
    const etag = (await s3.direct.head('a'))?.etag;
    const store = s3.behind();
    for (const fault of ['truncatedBody', 'error500', 'slowDown', 'reset', 'lostAnswer'] as const) {
      s3.proxy.failNext(fault);
      expect(content.equals((await store.read('a')) ?? bytes(''))).toBe(true);
      s3.proxy.failNext(fault);
      expect(text(await store.readRange('a', 5000, 5010, etag))).toBe('0123456789');
      s3.proxy.failNext(fault, ({ method }) => method === 'HEAD');
      expect((await store.head('a'))?.bytes).toBe(content.length);
      expect(s3.proxy.counts()[fault]).toBe(fault === 'truncatedBody' ? 2 : 3);
    }
  });

  it('requests the range alone, of the content that is pinned', async () => {
    const etag = (await s3.direct.head('a'))?.etag;
    await s3.behind().readRange('a', 100, 200, etag);
    expect(s3.proxy.requests()).toMatchObject([
      { method: 'GET', range: 'bytes=100-199', ifMatch: `"${etag}"`, bytesOut: 100 },
    ]);
  });

  it('never mixes old and new ranges into one copy, and leaves nothing of it', async () => {
    await s3.direct.create('big', Buffer.alloc(40 * 1024 * 1024));
    let replaced = false;
    for (let i = 0; i < 1000; i++) {
      s3.proxy.failNext('error500', ({ range }) => !replaced && /^bytes=[1-9]/.test(range ?? ''));
    }
    const copying = expect(s3.behind().localCopy('big', s3.root)).rejects.toMatchObject({
      code: 'INPUT_CHANGED',
    });
    const first = ({ range, status }: ProxiedRequest): boolean =>
      range?.startsWith('bytes=0-') === true && status === 206;
    await expect.poll(() => s3.proxy.requests().some(first), SOON).toBe(true);
    await s3.direct.replace('big', Buffer.alloc(40 * 1024 * 1024, 1));
    replaced = true;
    await copying;
    expect(await readdir(s3.root)).toEqual([]);
  });

  it('copies an object whole under faults, in ranges', async () => {
    const big = Buffer.alloc(50 * 1024 * 1024);
    for (let i = 0; i < big.length; i += 4096) big.writeUInt32LE(i, i);
    await s3.direct.create('big', big);
    const stormy = await s3.startProxy({ truncatedBody: 0.3, error500: 0.2 });
    const copy = await s3.behind(stormy).localCopy('big', s3.root);
    expect(big.equals(await readFile(copy?.path ?? ''))).toBe(true);
    const ranges = new Set(stormy.requests().map(({ range }) => range));
    expect(ranges.size).toBe(1 + Math.ceil(50 / 8));
    expect(stormy.counts().truncatedBody).toBeGreaterThan(0);
    await copy?.release();
    expect(await readdir(s3.root)).toEqual([]);
  });
});

describe('listing', () => {
  it('goes through pages of 1,000, each tried again, in order', async () => {
    const names = Array.from({ length: 1234 }, (_, i) => `part-${String(i).padStart(6, '0')}`);
    await Promise.all(names.map((name) => s3.direct.create(name, bytes(name))));
    await s3.stores({}).open(`${s3.prefix}x`).create('not below', bytes(''));
    for (const fault of ['truncatedBody', 'lostAnswer', 'error500'] as const) {
      s3.proxy.failNext(fault);
    }
    const found: string[] = [];
    for await (const { key } of s3.behind().list('')) found.push(key);
    expect(found).toEqual(names);
    expect(s3.proxy.requests()).toHaveLength(2 + 3);
  });

  it('leaves out the folders that consoles make', async () => {
    const bucket = s3.stores({}).open('s3://lake');
    await bucket.create(`${s3.prefix.slice('s3://lake/'.length)}/`, bytes(''));
    await s3.direct.create('folder/', bytes(''));
    await s3.direct.create('folder/a', bytes('a'));
    const found: string[] = [];
    for await (const { key } of s3.direct.list('')) found.push(key);
    expect(found).toEqual(['folder/a']);
  });
});
