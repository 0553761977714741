import { backoffMs, type Logger, type ShardmillError, toShardmillError } from '@shardmill/core';
import { deliver } from './deliver.js';
import type { NotificationOutbox } from './outbox.js';
import type { OutboxEntry } from './outbox-schema.js';
import type { NotifySettings } from './receiver.js';

export interface SenderOptions {
  readonly outbox: NotificationOutbox;
  readonly settings: NotifySettings;
  /** Milliseconds since 1970. */
  readonly clock: { now(): number };
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: SenderMetrics;
  /** Whether this process goes first with a notification; others wait whether it is delivered. */
  readonly leads: (name: string) => boolean;
  /** How long others wait. */
  readonly standbyMs: number;
  /** Of one request; 10 s where left out. */
  readonly timeoutMs?: number | undefined;
}

export interface SenderMetrics {
  notified(outcome: 'delivered' | 'failed' | 'retried'): void;
  notificationsPending(count: number): void;
}

/** After that time a notification is given up. */
const GIVE_UP_MS = 86_400_000;
const RETRY = { firstMs: 1000, maxMs: 900_000, jitter: 'half' } as const;
/** One that hangs keeps a request for ten seconds, and no more than these few at once. */
const MAX_REQUESTS = 16;
const MAX_REQUESTS_PER_RECEIVER = 4;

/** What is known of a notification that is not settled yet; a restart begins anew. */
interface Attempts {
  readonly firstSeenAt: number;
  failures: number;
  /** Never again where it is settled. */
  nextAt: number;
  underWay: boolean;
}

/**
 * Delivers what is in the outbox, again and again until it is delivered or a day has passed. Any
 * number of processes may do so: each notification is delivered at least once.
 */
export class NotificationSender {
  readonly #known = new Map<string, Attempts>();
  readonly #busy = new Map<string, number>();
  readonly #working = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  /** What was in the outbox at the last look. */
  #names: readonly string[] = [];

  constructor(readonly options: SenderOptions) {}

  /** Looks into the outbox and begins what is due; does not wait for answers. @throws STORE_… */
  async scan(): Promise<void> {
    const { outbox, metrics } = this.options;
    this.#names = await outbox.pending();
    metrics.notificationsPending(this.#names.length);
    const there = new Set(this.#names);
    for (const [name, { underWay }] of this.#known) {
      if (!there.has(name) && !underWay) this.#known.delete(name);
    }
    this.#beginDue();
  }

  /** Ends requests that are under way; what they were to deliver stays in the outbox. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#working);
  }

  #beginDue(): void {
    const now = this.options.clock.now();
    for (const name of this.#names) {
      if (this.#stop.signal.aborted || this.#working.size >= MAX_REQUESTS) return;
      if (this.#isDue(name, now)) this.#begin(name);
    }
  }

  #isDue(name: string, now: number): boolean {
    const { leads, standbyMs } = this.options;
    const attempts = this.#known.get(name) ?? {
      firstSeenAt: now,
      failures: 0,
      nextAt: now,
      underWay: false,
    };
    this.#known.set(name, attempts);
    if (attempts.underWay || now < attempts.nextAt) return false;
    if ((this.#busy.get(receiverOf(name)) ?? 0) >= MAX_REQUESTS_PER_RECEIVER) return false;
    return leads(name) || now - attempts.firstSeenAt >= standbyMs;
  }

  #begin(name: string): void {
    const receiver = receiverOf(name);
    const attempts = this.#known.get(name);
    if (attempts === undefined) return;
    attempts.underWay = true;
    this.#busy.set(receiver, (this.#busy.get(receiver) ?? 0) + 1);
    const work = this.#attempt(name, attempts)
      .catch((thrown: unknown) => {
        const { code, message, where } = toShardmillError(thrown);
        this.options.log.error({ notification: name, code, where }, message);
        this.#failed(attempts);
      })
      .finally(() => {
        attempts.underWay = false;
        this.#busy.set(receiver, (this.#busy.get(receiver) ?? 1) - 1);
        this.#working.delete(work);
        this.#beginDue();
      });
    this.#working.add(work);
  }

  async #attempt(name: string, attempts: Attempts): Promise<void> {
    const { outbox, settings, clock, log, metrics, timeoutMs } = this.options;
    const entry = await outbox.find(name);
    if (entry === undefined) {
      attempts.nextAt = Number.POSITIVE_INFINITY;
      return;
    }
    const { id, event } = entry.notification;
    const number = attempts.failures + 1;
    const signal = this.#stop.signal;
    try {
      const to = await deliver(entry, settings, clock.now(), { timeoutMs, signal });
      await outbox.settle(name, this.#settled('delivered', number));
      attempts.nextAt = Number.POSITIVE_INFINITY;
      metrics.notified('delivered');
      log.info({ notification: id, event, to }, 'the notification is delivered');
    } catch (thrown) {
      const error = toShardmillError(thrown);
      if (this.#stop.signal.aborted) return;
      await this.#afterFailure(name, entry, attempts, error);
    }
  }

  async #afterFailure(
    name: string,
    { notification }: OutboxEntry,
    attempts: Attempts,
    error: ShardmillError,
  ): Promise<void> {
    const { outbox, clock, log, metrics } = this.options;
    const { code, message, where } = error;
    this.#failed(attempts);
    const fields = { notification: notification.id, code, where, attempt: attempts.failures };
    const old = clock.now() - Date.parse(notification.at) >= GIVE_UP_MS;
    // A store that is away says nothing of the receiver.
    const about = code.startsWith('NOTIFY_');
    if (about && (old || code === 'NOTIFY_FORBIDDEN')) {
      const settled = this.#settled('failed', attempts.failures);
      await outbox.settle(name, { ...settled, error: error.toRecord() });
      attempts.nextAt = Number.POSITIVE_INFINITY;
      metrics.notified('failed');
      log.error(fields, `the notification is given up: ${message}`);
      return;
    }
    metrics.notified('retried');
    log.warn(fields, message);
  }

  #failed(attempts: Attempts): void {
    const { clock, random } = this.options;
    attempts.failures++;
    attempts.nextAt = clock.now() + backoffMs(RETRY, attempts.failures, random());
  }

  #settled(outcome: 'delivered' | 'failed', attempts: number) {
    const at = new Date(this.options.clock.now()).toISOString();
    return { outcome, at, attempts, error: null };
  }
}

/** The receiver's part of a notification's name. */
const receiverOf = (name: string): string => /\.([^.]+)\.json$/.exec(name)?.[1] ?? name;
