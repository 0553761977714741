import { type ObjectStore, Stores } from '@shardmill/core';

/** Counts what is read of single objects. */
export class CountingStores extends Stores {
  readonly counts = { reads: 0, bytes: 0 };

  override objectAt(location: string): { store: ObjectStore; key: string } {
    const { store, key } = super.objectAt(location);
    const readRange = store.readRange.bind(store);
    store.readRange = (name, start, end, etag) => {
      this.counts.reads++;
      this.counts.bytes += end - start;
      return readRange(name, start, end, etag);
    };
    return { store, key };
  }
}
