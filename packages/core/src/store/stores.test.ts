import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bytes, text, useS3 } from '../testing/use-s3.js';
import { Stores } from './stores.js';

const s3 = useS3();

/** Runs a program that has `core`, and `loaded()`: whether the AWS SDK was loaded. */
async function run(program: string): Promise<string> {
  const core = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    `import { createRequire } from 'node:module';
     const core = await import(${core});
     const modules = createRequire(${core}).cache;
     const loaded = () => Object.keys(modules).some((file) => file.includes('@aws-sdk'));
     ${program}`,
  ]);
  return stdout + stderr;
}

describe('stores', () => {
  it('load the AWS SDK when s3:// is first used, and not before', async () => {
    const uses = `
      const stores = new core.Stores();
      await stores.open('/tmp').head('x');
      const store = stores.open(${JSON.stringify(s3.prefix)});
      console.log(loaded());
      await store.head('x');
      console.log(loaded());
      await stores.close();`;
    expect(await run(uses)).toBe('false\ntrue\n');
  });

  it('close without having been used', async () => {
    const stores = new Stores();
    stores.open('s3://lake/x');
    await stores.close();
  });
});

describe('the region of a bucket', () => {
  it('is what its store says, and is asked for once', async () => {
    const stores = s3.stores({ endpoint: s3.proxy.endpoint });
    // What the gateway calls the only one that it has.
    expect(await stores.regionOf('s3://lake/a')).toBe('default');
    const asked = s3.proxy.requests().length;
    expect(asked).toBeGreaterThan(0);
    expect(await stores.regionOf('s3://lake/b')).toBe('default');
    expect(s3.proxy.requests()).toHaveLength(asked);
  });

  it('is unknown where there is no such bucket, and is asked for anew', async () => {
    const stores = s3.stores({ endpoint: s3.proxy.endpoint });
    for (const _ of [1, 2]) {
      await expect(stores.regionOf('s3://no-such-bucket/a')).rejects.toMatchObject({
        code: 'INPUT_NOT_FOUND',
        where: 's3://no-such-bucket',
      });
    }
  });
});

describe('trying out conditional writes', () => {
  it('passes a store that honours them, once for each location, and leaves nothing there', async () => {
    const stores = s3.stores({ endpoint: s3.proxy.endpoint });
    await Promise.all([1, 2].map(() => stores.requireConditionalWrites(s3.prefix)));
    const asked = s3.proxy.requests().length;
    expect(asked).toBe(3);
    await stores.requireConditionalWrites(s3.prefix);
    expect(s3.proxy.requests()).toHaveLength(asked);
    await stores.requireConditionalWrites(`${s3.prefix}/other`);
    expect(s3.proxy.requests()).toHaveLength(2 * asked);
    for await (const info of s3.direct.list('')) expect(info).toBeUndefined();
  });

  it.each(['error500', 'slowDown', 'reset', 'lateError500', 'lostAnswer'] as const)(
    'is not misled by faults: %s',
    async (fault) => {
      const careless = await s3.startProxy({}, 0, s3.server.client);
      const puts = (tries: number): void => {
        let seen = 0;
        for (const proxy of [s3.proxy, careless]) {
          proxy.failNext(fault, ({ method }) => method === 'PUT' && seen++ === tries);
        }
      };
      for (const tries of [0, 1]) {
        puts(tries);
        await s3.stores({ endpoint: s3.proxy.endpoint }).requireConditionalWrites(s3.prefix);
        puts(tries);
        await expect(
          s3.stores({ endpoint: careless.endpoint }).requireConditionalWrites(s3.prefix),
        ).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
      }
    },
  );

  it('refuses a store that ignores them, names the way around, and tries again', async () => {
    const careless = await s3.startProxy({}, 0, s3.server.client);
    const stores = s3.stores({ endpoint: careless.endpoint });
    for (let tries = 0; tries < 2; tries++) {
      await expect(stores.requireConditionalWrites(s3.prefix)).rejects.toMatchObject({
        code: 'STORE_UNSUPPORTED',
        where: s3.prefix,
        remedy: expect.stringMatching(/'unchecked'.*SHARDMILL_S3_CONDITIONAL_WRITES=unchecked/),
      });
    }
    const unchecked = s3.stores({ endpoint: careless.endpoint, conditionalWrites: 'unchecked' });
    const before = careless.requests().length;
    await unchecked.requireConditionalWrites(s3.prefix);
    expect(careless.requests()).toHaveLength(before);
    for await (const info of s3.direct.list('')) expect(info).toBeUndefined();
  });

  it('still does not overwrite what is there, where the store ignores conditions', async () => {
    const careless = await s3.startProxy({}, 0, s3.server.client);
    const store = s3.behind(careless, { conditionalWrites: 'unchecked' });
    expect(await store.create('a', bytes('one'))).toBe('created');
    expect(await store.create('a', bytes('two'))).toBe('exists');
    expect(text(await store.read('a'))).toBe('one');
  });

  it('needs nothing of a folder', async () => {
    await s3.stores({}).requireConditionalWrites(s3.root);
  });
});
