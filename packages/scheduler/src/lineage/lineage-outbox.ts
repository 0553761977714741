import type { ObjectStore } from '@shardmill/core';
import { z } from 'zod';
import { type Settled, StoredOutbox } from '../notify/stored-outbox.js';
import {
  LINEAGE_PENDING_PREFIX,
  LINEAGE_SETTLED_PREFIX,
  notificationName,
} from '../state/outbox-layout.js';
import type { LineageEvent } from './lineage-event.js';
import type { RunMoment } from './run-moments.js';

/** An event is sent as it was stored, whichever version stored it. */
const entrySchema = z.object({
  format: z.literal('shardmill-lineage/1'),
  at: z.string(),
  event: z.record(z.string(), z.unknown()),
});
export type LineageEntry = z.output<typeof entrySchema>;

/** Events that are to be sent, in the state location, by names that sort by time. */
export class LineageOutbox {
  readonly #entries: StoredOutbox<LineageEntry>;

  constructor(store: ObjectStore) {
    const place = { pending: LINEAGE_PENDING_PREFIX, settled: LINEAGE_SETTLED_PREFIX };
    this.#entries = new StoredOutbox(store, place, parseEntry);
  }

  /** Adds the event of a moment once, however often this is called. @returns whether it is new. */
  add({ key, at }: RunMoment, event: () => LineageEvent): Promise<boolean> {
    const entry = (): LineageEntry => ({
      format: 'shardmill-lineage/1',
      at,
      event: { ...event() },
    });
    return this.#entries.add(notificationName(at, key), entry);
  }

  pending(): Promise<string[]> {
    return this.#entries.pending();
  }

  /** @returns undefined where it is settled. @throws RangeError where it cannot be read */
  find(name: string): Promise<LineageEntry | undefined> {
    return this.#entries.find(name);
  }

  settle(name: string, settled: Settled): Promise<void> {
    return this.#entries.settle(name, settled);
  }
}

function parseEntry(value: unknown): LineageEntry {
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RangeError(`${issue?.path.map(String).join('.')}: ${issue?.message}`);
}
