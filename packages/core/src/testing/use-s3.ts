import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type ProxiedRequest,
  type S3FaultProxy,
  type S3FaultRates,
  type S3Server,
  startS3FaultProxy,
  startS3Server,
} from '@shardmill/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ObjectStore } from '../store/object-store.js';
import type { S3Options } from '../store/storage-options.js';
import { Stores } from '../store/stores.js';

/** What `useS3` prepares for each test, and closes after it. */
export class S3Fixture {
  /** One for the whole file, with a bucket `lake`; its credentials are in the environment. */
  server!: S3Server;
  /** A proxy without faults until the test sets some. */
  proxy!: S3FaultProxy;
  /** A folder of the test. */
  root!: string;
  /** A location of the test. */
  prefix!: string;
  /** The store at `prefix`, not through the proxy. */
  direct!: ObjectStore;
  #tests = 0;
  #closing: { close(): Promise<void> }[] = [];

  async open(): Promise<void> {
    this.root = await mkdtemp(path.join(tmpdir(), 'shardmill-s3-'));
    this.prefix = `s3://lake/test-${this.#tests++}`;
    this.direct = this.stores({}).open(this.prefix);
    this.proxy = await this.startProxy({});
  }

  async close(): Promise<void> {
    for (const closing of this.#closing.splice(0)) await closing.close();
    await rm(this.root, { recursive: true });
  }

  stores(options: S3Options): Stores {
    const stores = new Stores({ s3: options });
    this.#closing.push(stores);
    return stores;
  }

  /** A store at `prefix`, or elsewhere, that is reached through a proxy. */
  behind(proxy = this.proxy, options: S3Options = {}, location = this.prefix): ObjectStore {
    return this.stores({ endpoint: proxy.endpoint, ...options }).open(location);
  }

  /** @param careless makes it a store that ignores conditions. */
  async startProxy(
    faults: S3FaultRates,
    slowAnswerMs = 50,
    careless?: S3Server['client'],
  ): Promise<S3FaultProxy> {
    const proxy = await startS3FaultProxy({
      target: this.server.endpoint,
      seed: 11,
      faults,
      slowAnswerMs,
      ...(careless === undefined ? {} : { ignoreConditions: careless }),
    });
    this.#closing.push(proxy);
    return proxy;
  }
}

/** Gives the tests of a file an S3 server. */
export function useS3(): S3Fixture {
  const fixture = new S3Fixture();
  beforeAll(async () => {
    fixture.server = await startS3Server();
    Object.assign(process.env, fixture.server.env);
    await fixture.server.createBucket('lake');
  });
  afterAll(() => fixture.server.close());
  beforeEach(() => fixture.open());
  afterEach(() => fixture.close());
  return fixture;
}

/** For `expect.poll`: a busy machine must not fail a test. */
export const SOON = { timeout: 30_000, interval: 10 };

export const isPut = ({ method }: ProxiedRequest): boolean => method === 'PUT';
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (content: Uint8Array | undefined): string => new TextDecoder().decode(content);
