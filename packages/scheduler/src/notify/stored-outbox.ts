import type { ErrorRecord, ObjectStore } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { createOnce } from '../state/run-log.js';

/** What became of an entry. */
export interface Settled {
  readonly outcome: 'delivered' | 'failed';
  readonly at: string;
  readonly attempts: number;
  readonly error: ErrorRecord | null;
}

export interface OutboxPlace {
  /** Prefix of entries, each there until it is settled. */
  readonly pending: string;
  /** Prefix of what became of them, which decides: what is settled is not sent again. */
  readonly settled: string;
}

/** Entries that are to be delivered, in the state location, by names that sort by time. */
export class StoredOutbox<E> {
  /** @param parse of what is stored; @throws RangeError where it was written by another version */
  constructor(
    readonly store: ObjectStore,
    readonly place: OutboxPlace,
    readonly parse: (value: unknown) => E,
  ) {}

  /** Adds an entry once, however often this is called. @returns whether it is new. */
  async add(name: string, entry: () => E): Promise<boolean> {
    const { pending, settled } = this.place;
    if ((await this.store.head(settled + name)) !== undefined) return false;
    const bytes = Buffer.from(JSON.stringify(entry()));
    return (await this.store.create(pending + name, bytes)) === 'created';
  }

  /** Names of all entries that are not settled, the oldest first. */
  async pending(): Promise<string[]> {
    const { pending } = this.place;
    const names: string[] = [];
    for await (const { key } of this.store.list(pending)) names.push(key.slice(pending.length));
    return names;
  }

  /** @returns undefined where it is settled. @throws RangeError where it cannot be read */
  async find(name: string): Promise<E | undefined> {
    const { pending, settled } = this.place;
    if ((await this.store.head(settled + name)) !== undefined) {
      // The scheduler that settled it died before it deleted this, or another one added it late.
      await this.store.delete(pending + name);
      return undefined;
    }
    const bytes = await this.store.read(pending + name);
    return bytes === undefined ? undefined : this.parse(parseJson(bytes));
  }

  /** Notes what became of it: from then on it is not sent again. */
  async settle(name: string, settled: Settled): Promise<void> {
    await createOnce(this.store, this.place.settled + name, settled);
    await this.store.delete(this.place.pending + name);
  }
}
