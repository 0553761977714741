import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ObjectStore, Stores } from '@shardmill/core';
import {
  type ProxiedRequest,
  type S3FaultProxy,
  type S3Server,
  startS3FaultProxy,
  startS3Server,
} from '@shardmill/test-kit';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Workplace } from './workplace.js';

/**
 * An S3 server for all tests of a file, with a bucket `lake` in which each test has a folder of its
 * own. Programs that tests start find it by their environment, through a proxy that
 * records what was asked.
 */
export function useLake(place: Workplace): Lake {
  const lake = new Lake(place);
  beforeAll(() => lake.open());
  afterAll(() => lake.close());
  beforeEach(() => lake.nextTest());
  return lake;
}

export class Lake {
  #server: S3Server | undefined;
  #proxy: S3FaultProxy | undefined;
  #stores: Stores | undefined;
  #test = 0;
  #seen = 0;

  constructor(readonly place: Workplace) {}

  async open(): Promise<void> {
    this.#server = await startS3Server();
    this.#proxy = await startS3FaultProxy({ target: this.#server.endpoint });
    const { endpoint } = this.#proxy;
    Object.assign(process.env, this.#server.env, { AWS_ENDPOINT_URL_S3: endpoint });
    // Past the proxy: what a test asks itself is not counted.
    this.#stores = new Stores({ s3: { endpoint: this.#server.endpoint } });
    await this.#server.createBucket('lake');
  }

  nextTest(): void {
    this.#test++;
    this.forget();
  }

  async close(): Promise<void> {
    await this.#stores?.close();
    await this.#proxy?.close();
    await this.#server?.close();
  }

  get stores(): Stores {
    if (this.#stores === undefined) throw new Error('the lake is not open');
    return this.#stores;
  }

  get server(): S3Server {
    if (this.#server === undefined) throw new Error('the lake is not open');
    return this.#server;
  }

  /** What programs that tests start speak to. */
  get proxy(): S3FaultProxy {
    if (this.#proxy === undefined) throw new Error('the lake is not open');
    return this.#proxy;
  }

  /** A location in this test's folder. */
  uri(name: string): string {
    return `s3://lake/test-${this.#test}/${name}`;
  }

  store(name: string): ObjectStore {
    return this.stores.open(this.uri(name));
  }

  /** Puts a file of the workplace there, in place of what was. */
  async upload(file: string, name = file): Promise<void> {
    await this.write(name, await readFile(this.place.path(file)));
  }

  async write(name: string, content: Uint8Array): Promise<void> {
    const { store, key } = this.stores.objectAt(this.uri(name));
    await store.replace(key, content);
  }

  /** Keys below a name, with the ETag of each. */
  async objects(name: string): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for await (const { key, etag } of this.store(name).list('')) found.set(key, etag);
    return found;
  }

  /** Copies the result files below a name to a folder of the workplace. */
  async download(name: string, folder: string): Promise<void> {
    const store = this.store(name);
    for (const key of (await this.objects(name)).keys()) {
      if (!/^[^_].*\.parquet$/.test(key)) continue;
      await this.place.write(path.join(folder, key), (await store.read(key)) ?? new Uint8Array());
    }
  }

  /** Requests since the last `forget`, or since the test began. */
  requests(): readonly ProxiedRequest[] {
    return this.#proxy?.requests().slice(this.#seen) ?? [];
  }

  forget(): void {
    this.#seen = this.#proxy?.requests().length ?? 0;
  }

  /** Ranges of an object that were asked for, in their order. */
  rangesOf(name: string): { start: number; end: number }[] {
    const object = this.uri(name).slice('s3:/'.length);
    return this.requests().flatMap(({ method, path: asked, range }) => {
      const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
      if (method !== 'GET' || asked !== object || last === undefined) return [];
      return [{ start: Number(start), end: Number(last) + 1 }];
    });
  }
}
