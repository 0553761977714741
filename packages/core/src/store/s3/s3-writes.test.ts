import { existsSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytes, isPut, text, useS3 } from '../../testing/use-s3.js';

const s3 = useS3();

describe('creating an object when answers go wrong', () => {
  it.each(['error500', 'slowDown', 'reset', 'lateError500', 'lostAnswer'] as const)(
    '%s: it finds out that it created it, and keeps its content',
    async (fault) => {
      s3.proxy.failNext(fault, isPut);
      const file = path.join(s3.root, 'part');
      await writeFile(file, 'content');
      expect(await s3.behind().create('part', { path: file })).toBe('created');
      expect(s3.proxy.counts()[fault]).toBe(1);
      expect(text(await s3.direct.read('part'))).toBe('content');
      expect(existsSync(file)).toBe(false);
    },
  );

  it.each(['error500', 'lateError500', 'lostAnswer'] as const)(
    "%s: it finds out that the object is another's",
    async (fault) => {
      await s3.direct.create('part', bytes('theirs'));
      s3.proxy.failNext(fault, isPut);
      expect(await s3.behind().create('part', bytes('mine'))).toBe('exists');
      expect(text(await s3.direct.read('part'))).toBe('theirs');
    },
  );

  it('checks once more where the check itself fails', async () => {
    s3.proxy.failNext('lostAnswer', isPut);
    s3.proxy.failNext('lostAnswer', ({ method }) => method === 'HEAD');
    expect(await s3.behind().create('part', bytes('mine'))).toBe('created');
  });

  it('sends the condition with every PUT, and a token that is its own', async () => {
    s3.proxy.failNext('error500', isPut);
    const store = s3.behind();
    await store.create('a', bytes('a'));
    await store.create('b', bytes('b'));
    const puts = s3.proxy.requests().filter(isPut);
    expect(puts.map(({ ifNoneMatch }) => ifNoneMatch)).toEqual(['*', '*', '*']);
    const tokens = puts.map(({ headers }) => headers['x-amz-meta-shardmill-writer']);
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[1]).not.toBe(tokens[2]);
  });

  it('has one winner of 20 at once, who knows it, under a storm of faults', async () => {
    const stormy = await s3.startProxy({
      error500: 0.05,
      slowDown: 0.03,
      reset: 0.05,
      lateError500: 0.05,
      lostAnswer: 0.1,
    });
    const store = s3.behind(stormy);
    const rounds = Array.from({ length: 10 }, async (_, round) => {
      const writers = Array.from({ length: 20 }, (_, i) => store.create(`${round}`, bytes(`${i}`)));
      const answers = await Promise.all(writers);
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      expect(text(await s3.direct.read(`${round}`))).toBe(`${answers.indexOf('created')}`);
    });
    await Promise.all(rounds);
    const { truncatedBody, slowAnswer, ...fired } = stormy.counts();
    expect(Math.min(...Object.values(fired))).toBeGreaterThan(0);
    expect(truncatedBody + slowAnswer).toBe(0);
  });
});

describe('what is sent', () => {
  it('is a large file without all of it in memory, in one PUT', async () => {
    const file = path.join(s3.root, 'large');
    const size = 200 * 1024 * 1024;
    await writeFile(file, 'begins');
    await truncate(file, size);
    const store = s3.behind();
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 5);
    expect(await store.create('large', { path: file })).toBe('created');
    clearInterval(watch);
    expect(peak - before).toBeLessThan(size / 2);
    expect(await s3.direct.head('large')).toMatchObject({ bytes: size });
    expect(s3.proxy.requests().filter(isPut)).toMatchObject([{ bytesIn: size }]);
    expect(text(await s3.direct.readRange('large', 0, 6))).toBe('begins');
  });

  it('is refused before it is sent where it is more than one PUT takes', async () => {
    const file = path.join(s3.root, 'huge');
    await writeFile(file, '');
    await truncate(file, 5 * 1024 ** 3 + 1);
    await expect(s3.behind().create('huge', { path: file })).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
      where: `${s3.prefix}/huge`,
      remedy: expect.stringContaining('plan.partRows'),
    });
    expect(s3.proxy.requests()).toEqual([]);
    expect(existsSync(file)).toBe(false);
  });

  it('is not sent where the file cannot be read', async () => {
    const missing = { path: path.join(s3.root, 'not there') };
    await expect(s3.direct.create('a', missing)).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });
    expect(await s3.direct.head('a')).toBeUndefined();
  });

  it('is refused by the store where it is not what was meant', async () => {
    const file = path.join(s3.root, 'part');
    await writeFile(file, 'as it was');
    s3.proxy.failNext('error500', (request) => {
      if (isPut(request)) void writeFile(file, 'as it is!');
      return isPut(request);
    });
    const store = s3.behind(s3.proxy, { retryForMs: 300 });
    await expect(store.create('part', { path: file })).rejects.toMatchObject({
      message: expect.stringContaining('XAmzContentSHA256Mismatch'),
    });
    expect(await s3.direct.head('part')).toBeUndefined();
  });

  it('is encrypted as the options say, by each kind of write', async () => {
    await s3.behind().create('plain', bytes('x'));
    await s3.behind(s3.proxy, { encryption: 'AES256' }).create('aes', bytes('x'));
    const kms = s3.behind(s3.proxy, { encryption: 'aws:kms', kmsKeyId: 'test-key' });
    await kms.create('kms', bytes('secret'));
    await kms.replace('_SUCCESS', bytes('secret'));
    const how = s3.proxy
      .requests()
      .map(({ headers }) => [
        headers['x-amz-server-side-encryption'],
        headers['x-amz-server-side-encryption-aws-kms-key-id'],
      ]);
    const withKey = ['aws:kms', 'test-key'];
    expect(how).toEqual([[undefined, undefined], ['AES256', undefined], withKey, withKey]);
    expect(text(await s3.direct.read('kms'))).toBe('secret');
  });
});
