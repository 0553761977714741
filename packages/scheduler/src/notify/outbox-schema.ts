import { receiverSchema } from '@shardmill/core/schemas';
import { z } from 'zod';
import type { Notification } from './notification.js';
import type { ReceiverReference } from './receiver.js';

/** A notification with whom it is for, as it is stored. */
export interface OutboxEntry {
  readonly format: 'shardmill-outbox/1';
  readonly receiver: ReceiverReference;
  readonly notification: Notification;
}

const count = z.int().nonnegative();

const notificationSchema = z.object({
  format: z.literal('shardmill-notification/1'),
  id: z.string(),
  event: z.enum(['finished', 'failed', 'skipped', 'cancelled', 'late']),
  at: z.iso.datetime(),
  job: z.string(),
  run: z.string().nullable(),
  schedule: z.string().nullable(),
  tick: z.string().nullable(),
  deadline: z.string().nullable(),
  params: z.record(z.string(), z.string()),
  output: z.string().nullable(),
  rows: z.object({ read: count, scored: count, rejected: count, filtered: count }).nullable(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      where: z.string().optional(),
      remedy: z.string(),
    })
    .nullable(),
  text: z.string(),
});

const entrySchema = z.object({
  format: z.literal('shardmill-outbox/1'),
  receiver: z.discriminatedUnion('from', [
    z.object({ from: z.literal('job'), receiver: receiverSchema }),
    z.object({ from: z.literal('configuration'), digest: z.string() }),
  ]),
  notification: notificationSchema,
});

/** @throws RangeError where it was written by another version, or damaged */
export function parseOutboxEntry(value: unknown): OutboxEntry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new RangeError(`${issue?.path.map(String).join('.')}: ${issue?.message}`);
  }
  return parsed.data;
}
