import path from 'node:path';
import { FileStore } from './file-store.js';
import { isS3, parseS3 } from './location.js';
import type { ObjectStore } from './object-store.js';
import { probeConditionalWrites } from './probe-store.js';
import type { RegionOf } from './allowed-regions.js';
import { bucketRegion } from './s3/bucket-region.js';
import { S3Connection } from './s3/s3-connection.js';
import { S3Store } from './s3/s3-store.js';
import type { S3Traffic } from './s3/s3-traffic.js';
import type { StorageOptions } from './storage-options.js';

/** Opens stores by their location; those of S3 share one client, which is made when first used. */
export class Stores {
  readonly #connection: S3Connection;
  readonly #probed = new Map<string, Promise<void>>();
  readonly #regions = new Map<string, Promise<string | undefined>>();

  constructor(readonly options: StorageOptions = {}) {
    this.#connection = new S3Connection(options.s3 ?? {});
  }

  /** The store at a location (see `resolveLocation`). @throws URI_UNSUPPORTED */
  open(location: string): ObjectStore {
    if (!isS3(location)) return new FileStore(path.resolve(location));
    const { bucket, key } = parseS3(location);
    return new S3Store(this.#connection, bucket, key);
  }

  /** One object by its full location: the store that holds it, and its key there. */
  objectAt(location: string): { store: ObjectStore; key: string } {
    if (!isS3(location)) return { store: new FileStore('/'), key: path.resolve(location).slice(1) };
    const { bucket, key } = parseS3(location);
    return { store: new S3Store(this.#connection, bucket, ''), key };
  }

  /**
   * Tries once for each location whether its store honours conditions.
   * @throws as `probeConditionalWrites`; a later call then tries again.
   */
  requireConditionalWrites(location: string): Promise<void> {
    const known = this.#probed.get(location);
    if (known !== undefined) return known;
    const probing = probeConditionalWrites(this.open(location)).catch((error: unknown) => {
      this.#probed.delete(location);
      throw error;
    });
    this.#probed.set(location, probing);
    return probing;
  }

  /**
   * The region of the bucket of a location in S3; undefined where its store does not say. Requested
   * once for each bucket.
   * @throws STORE_…, INPUT_NOT_FOUND
   */
  readonly regionOf: RegionOf = (location) => {
    const { bucket } = parseS3(location);
    const known = this.#regions.get(bucket);
    if (known !== undefined) return known;
    const region = bucketRegion(this.#connection, bucket).catch((error: unknown) => {
      this.#regions.delete(bucket);
      throw error;
    });
    this.#regions.set(bucket, region);
    return region;
  };

  /** Called, at most every few seconds, while a store does not answer. */
  set onWaiting(report: (message: string) => void) {
    this.#connection.onWaiting = report;
  }

  /** Hands on what another process says of its waiting. */
  reportWaiting(message: string): void {
    this.#connection.onWaiting?.(message);
  }

  /** What went to and from S3 so far, over all stores. */
  get s3Traffic(): S3Traffic {
    return { ...this.#connection.traffic };
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
