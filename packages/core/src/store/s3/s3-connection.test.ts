import { describe, expect, it } from 'vitest';
import { bytes, SOON, text, useS3 } from '../../testing/use-s3.js';

const s3 = useS3();

describe('a connection', () => {
  it('counts what goes over it', async () => {
    const stores = s3.stores({ endpoint: s3.proxy.endpoint });
    const store = stores.open(s3.prefix);
    s3.proxy.failNext('error500');
    await store.create('a', bytes('abc'));
    s3.proxy.failNext('truncatedBody');
    await store.readRange('a', 0, 2);
    expect(stores.s3Traffic).toEqual({
      // PUT, HEAD, PUT; GET, GET.
      requests: 5,
      retries: 2,
      bytesRead: 2,
      bytesWritten: 3,
    });
  });

  it('holds at most 64 sockets, keeps them, and closes them all', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', onWarning);
    const stores = s3.stores({ endpoint: s3.proxy.endpoint });
    const store = stores.open(s3.prefix);
    const keys = Array.from({ length: 300 }, (_, i) => `${i}`);
    await Promise.all(keys.map((key) => store.create(key, bytes(key))));
    const contents = await Promise.all(keys.map((key) => store.read(key)));
    expect(contents.map(text)).toEqual(keys);
    expect(await s3.proxy.connections()).toBeGreaterThan(1);
    expect(await s3.proxy.connections()).toBeLessThanOrEqual(64);
    await stores.close();
    await expect.poll(() => s3.proxy.connections(), SOON).toBe(0);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('ends what is under way when it is closed, and begins nothing after', async () => {
    const stuck = await s3.startProxy({ slowAnswer: 1 }, 1e7);
    const stores = s3.stores({ endpoint: stuck.endpoint });
    const store = stores.open(s3.prefix);
    const interrupted = { code: 'INTERRUPTED', where: `${s3.prefix}/a` };
    const pending = [
      expect(store.create('a', bytes('a'))).rejects.toMatchObject(interrupted),
      expect(store.read('a')).rejects.toMatchObject(interrupted),
    ];
    await expect.poll(() => stuck.requests().length, SOON).toBe(2);
    await stores.close();
    await Promise.all(pending);
    await expect(store.head('a')).rejects.toMatchObject(interrupted);
    expect(stuck.requests()).toHaveLength(2);
    await expect.poll(() => stuck.connections(), SOON).toBe(0);
  });

  it('does not wait for another try once it is closed', async () => {
    s3.proxy.setFaults({ slowDown: 1 });
    const stores = s3.stores({ endpoint: s3.proxy.endpoint, retryForMs: 1e9 });
    const pending = expect(stores.open(s3.prefix).read('a')).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    await expect.poll(() => s3.proxy.requests().length, SOON).toBeGreaterThan(0);
    await stores.close();
    await pending;
  });
});
