import {
  type ErrorRecord,
  type ObjectStore,
  type Receiver,
  type NotifyEvent,
} from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { notificationName, PENDING_PREFIX, SETTLED_PREFIX } from '../state/outbox-layout.js';
import { createOnce } from '../state/run-log.js';
import { type Happening, notificationOf } from './notification.js';
import { parseOutboxEntry, type OutboxEntry } from './outbox-schema.js';
import {
  nameOf,
  type ReceiverReference,
  referenceToConfiguration,
  referenceToJob,
} from './receiver.js';

/** What became of a notification. */
export interface Settled {
  readonly outcome: 'delivered' | 'failed';
  readonly at: string;
  readonly attempts: number;
  readonly error: ErrorRecord | null;
}

/**
 * Notifications that are to be delivered, in the state location:
 * ```
 * outbox/<time>-<id>.json           there until it is settled
 * outbox-settled/<time>-<id>.json   what became of it, which decides: it is not sent again
 * ```
 * `<time>` is when it happened, so that all schedulers that notice the same create the same object.
 */
export class NotificationOutbox {
  constructor(readonly store: ObjectStore) {}

  /**
   * Adds the notifications of what happened, each once however often this is called.
   * @param receivers those of the job, and those of the configuration.
   * @returns how many are new.
   */
  async add(
    happening: Happening,
    receivers: { readonly job: readonly Receiver[]; readonly configuration: readonly Receiver[] },
  ): Promise<number> {
    const references = [
      ...wanting(receivers.job, happening.event).map(referenceToJob),
      ...wanting(receivers.configuration, happening.event).map(referenceToConfiguration),
    ];
    let added = 0;
    for (const reference of references) if (await this.#addOne(happening, reference)) added++;
    return added;
  }

  /** Keys of all notifications that are not settled, the oldest first. */
  async pending(): Promise<string[]> {
    const names: string[] = [];
    for await (const { key } of this.store.list(PENDING_PREFIX))
      names.push(key.slice(PENDING_PREFIX.length));
    return names;
  }

  /** @returns undefined where it is settled. @throws RangeError where it cannot be read */
  async find(name: string): Promise<OutboxEntry | undefined> {
    if ((await this.store.head(SETTLED_PREFIX + name)) !== undefined) {
      // The scheduler that settled it died before it deleted this, or another one added it late.
      await this.store.delete(PENDING_PREFIX + name);
      return undefined;
    }
    const bytes = await this.store.read(PENDING_PREFIX + name);
    if (bytes === undefined) return undefined;
    return parseOutboxEntry(parseJson(bytes));
  }

  /** Notes what became of it: from then on it is not sent again. */
  async settle(name: string, settled: Settled): Promise<void> {
    await createOnce(this.store, SETTLED_PREFIX + name, settled);
    await this.store.delete(PENDING_PREFIX + name);
  }

  async #addOne(happening: Happening, receiver: ReceiverReference): Promise<boolean> {
    const id = `${happening.key}.${nameOf(receiver)}`;
    const name = notificationName(happening.at, id);
    if ((await this.store.head(SETTLED_PREFIX + name)) !== undefined) return false;
    const notification = notificationOf(happening, id);
    const entry: OutboxEntry = { format: 'shardmill-outbox/1', receiver, notification };
    return (
      (await this.store.create(PENDING_PREFIX + name, Buffer.from(JSON.stringify(entry)))) ===
      'created'
    );
  }
}

function wanting(receivers: readonly Receiver[], event: NotifyEvent): Receiver[] {
  return receivers.filter(({ on }) => on.includes(event));
}
