import type { NotifyEvent, ObjectStore, Receiver } from '@shardmill/core';
import { notificationName, PENDING_PREFIX, SETTLED_PREFIX } from '../state/outbox-layout.js';
import { type Happening, notificationOf } from './notification.js';
import { type OutboxEntry, parseOutboxEntry } from './outbox-schema.js';
import {
  nameOf,
  type ReceiverReference,
  referenceToConfiguration,
  referenceToJob,
} from './receiver.js';
import { type Settled, StoredOutbox } from './stored-outbox.js';

/**
 * Notifications that are to be delivered, in the state location:
 * ```
 * outbox/<time>-<id>.json           there until it is settled
 * outbox-settled/<time>-<id>.json   what became of it, which decides: it is not sent again
 * ```
 * `<time>` is when it happened, so that all schedulers that notice the same create the same object.
 */
export class NotificationOutbox {
  readonly #entries: StoredOutbox<OutboxEntry>;

  constructor(readonly store: ObjectStore) {
    const place = { pending: PENDING_PREFIX, settled: SETTLED_PREFIX };
    this.#entries = new StoredOutbox(store, place, parseOutboxEntry);
  }

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
  pending(): Promise<string[]> {
    return this.#entries.pending();
  }

  /** @returns undefined where it is settled. @throws RangeError where it cannot be read */
  find(name: string): Promise<OutboxEntry | undefined> {
    return this.#entries.find(name);
  }

  /** Notes what became of it: from then on it is not sent again. */
  settle(name: string, settled: Settled): Promise<void> {
    return this.#entries.settle(name, settled);
  }

  #addOne(happening: Happening, receiver: ReceiverReference): Promise<boolean> {
    const id = `${happening.key}.${nameOf(receiver)}`;
    return this.#entries.add(notificationName(happening.at, id), () => {
      const notification = notificationOf(happening, id);
      return { format: 'shardmill-outbox/1', receiver, notification };
    });
  }
}

function wanting(receivers: readonly Receiver[], event: NotifyEvent): Receiver[] {
  return receivers.filter(({ on }) => on.includes(event));
}
