import { backoffMs, type Logger, type ShardmillError, toShardmillError } from '@shardmill/core';
import type { LineageOutbox } from './lineage-outbox.js';
import { type LineageTarget, sendLineageEvent } from './send-event.js';

export interface LineageSenderOptions {
  readonly outbox: LineageOutbox;
  readonly target: LineageTarget;
  /** Milliseconds since 1970. */
  readonly clock: { now(): number };
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: LineageMetrics;
  /** Whether this process sends; others wait whether it does. */
  readonly leads: () => boolean;
  /** How long others wait. */
  readonly standbyMs: number;
  /** The time of one request; 10 s where left out. */
  readonly timeoutMs?: number | undefined;
}

export interface LineageMetrics {
  lineage(outcome: 'delivered' | 'failed' | 'retried' | 'dropped'): void;
}

const REQUEST_TIMEOUT_MS = 10_000;
/** After that time an event is given up. */
const GIVE_UP_MS = 86_400_000;
const RETRY = { firstMs: 1000, maxMs: 900_000, jitter: 'half' } as const;

/**
 * Sends what is in the outbox, one after the other in the order in which it happened: receivers take
 * the state of a run from the event that comes last. Any number of processes may do so; each
 * event is delivered at least once.
 */
export class LineageSender {
  /** Events in the outbox at the last check. */
  pending = 0;
  readonly #stop = new AbortController();
  #failures = 0;
  #nextAt = 0;
  /** The oldest event at the last check, and since when it is that. */
  #oldest: { readonly name: string; readonly since: number } | undefined;

  constructor(readonly options: LineageSenderOptions) {}

  /** Sends what is due. @throws STORE_… */
  async scan(): Promise<void> {
    const { outbox, clock } = this.options;
    const names = await outbox.pending();
    this.pending = names.length;
    if (!this.#isOurs(names[0]) || clock.now() < this.#nextAt) return;
    for (const name of names) {
      if (this.#stop.signal.aborted || !(await this.#send(name))) return;
      this.pending--;
    }
  }

  /** Ends a request that is under way; what it was to deliver stays in the outbox. */
  close(): void {
    this.#stop.abort();
  }

  /** Whether this process leads, or the one that does has not sent the oldest for long. */
  #isOurs(name: string | undefined): boolean {
    if (name === undefined) return false;
    const now = this.options.clock.now();
    if (this.#oldest?.name !== name) this.#oldest = { name, since: now };
    return this.options.leads() || now - this.#oldest.since >= this.options.standbyMs;
  }

  /** @returns whether the next one may be sent. */
  async #send(name: string): Promise<boolean> {
    const { outbox, target, clock, metrics, log, timeoutMs = REQUEST_TIMEOUT_MS } = this.options;
    const { signal } = this.#stop;
    const entry = await outbox.find(name).catch((thrown: unknown) => {
      // Another version wrote it, or it is damaged: those after it are sent.
      if (!(thrown instanceof RangeError)) throw thrown;
      log.error({ event: name }, `the event cannot be read: ${thrown.message}`);
      return undefined;
    });
    if (entry === undefined) return true;
    const outcome = await sendLineageEvent(entry.event, target, { timeoutMs, signal });
    if (signal.aborted && outcome.kind !== 'taken') return false;
    const attempts = this.#failures + 1;
    switch (outcome.kind) {
      case 'taken':
        await outbox.settle(name, this.#settled('delivered', attempts, null));
        if (this.#failures > 0) log.info({}, 'the lineage endpoint takes events again');
        this.#failures = 0;
        metrics.lineage('delivered');
        return true;
      case 'refused':
        await this.#giveUp(name, attempts, outcome.error);
        return true;
      case 'failed':
        if (clock.now() - Date.parse(entry.at) < GIVE_UP_MS) {
          this.#failed(outcome.error);
          return false;
        }
        await this.#giveUp(name, attempts, outcome.error);
        return true;
      default: {
        const unknown: never = outcome;
        return unknown;
      }
    }
  }

  async #giveUp(name: string, attempts: number, error: ShardmillError): Promise<void> {
    const { outbox, log, metrics } = this.options;
    await outbox.settle(name, this.#settled('failed', attempts, error));
    metrics.lineage('failed');
    const { code, where, message } = error;
    log.error({ event: name, code, where }, `the event of lineage is given up: ${message}`);
  }

  /** Logged once for each time that the endpoint is away. */
  #failed(thrown: ShardmillError): void {
    const { clock, random, log, metrics } = this.options;
    const { code, where, message } = toShardmillError(thrown);
    if (this.#failures++ === 0) log.warn({ code, where }, message);
    this.#nextAt = clock.now() + backoffMs(RETRY, this.#failures, random());
    metrics.lineage('retried');
  }

  #settled(outcome: 'delivered' | 'failed', attempts: number, error: ShardmillError | null) {
    const at = new Date(this.options.clock.now()).toISOString();
    return { outcome, at, attempts, error: error?.toRecord() ?? null };
  }
}
