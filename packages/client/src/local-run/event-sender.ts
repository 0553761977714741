import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, type ShardmillError } from '@shardmill/core';
import {
  type LineageEvent,
  type LineageTarget,
  sendLineageEvent,
} from '@shardmill/scheduler/lineage';

const REQUEST_TIMEOUT_MS = 5000;
/** What is left at the end of the run is waited for this long in all. */
const CLOSE_TIMEOUT_MS = 3000;
const RETRY = { firstMs: 1000, maxMs: 60_000, jitter: 'half' } as const;
/** A run has three; more than that is an endpoint that is away, and the oldest are given up. */
const MAX_WAITING = 100;

export interface EventSenderOptions {
  readonly target: LineageTarget;
  /** Called once at most, with what is not delivered. */
  readonly warn: (message: string) => void;
  readonly closeTimeoutMs?: number | undefined;
}

/** Sends events one after the other, beside what else the process does. It throws nothing. */
export class EventSender {
  readonly #waiting: LineageEvent[] = [];
  readonly #stop = new AbortController();
  readonly #closing = new AbortController();
  #work: Promise<void> | undefined;
  #warned = false;

  constructor(readonly options: EventSenderOptions) {}

  /** Sends it when those before it are sent. */
  add(event: LineageEvent): void {
    if (this.#closing.signal.aborted) return;
    this.#waiting.push(event);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#work ??= this.#sendAll().finally(() => {
      this.#work = undefined;
    });
  }

  /** Tries what is left once more, for a few seconds at most. */
  async close(): Promise<void> {
    this.#closing.abort();
    const { closeTimeoutMs = CLOSE_TIMEOUT_MS } = this.options;
    const timer = setTimeout(() => this.#stop.abort(), closeTimeoutMs);
    try {
      await this.#work;
    } finally {
      clearTimeout(timer);
    }
  }

  async #sendAll(): Promise<void> {
    for (let failures = 0; ; ) {
      const [event] = this.#waiting;
      if (event === undefined) return;
      const outcome = await sendLineageEvent(event, this.options.target, {
        timeoutMs: REQUEST_TIMEOUT_MS,
        signal: this.#stop.signal,
      });
      switch (outcome.kind) {
        case 'taken':
          this.#waiting.shift();
          failures = 0;
          break;
        case 'refused':
          this.warn(outcome.error);
          this.#waiting.shift();
          break;
        case 'failed': {
          this.warn(outcome.error);
          if (this.#closing.signal.aborted) return;
          failures++;
          const pauseMs = backoffMs(RETRY, failures, Math.random());
          await sleep(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => {});
          break;
        }
        default: {
          const unknown: never = outcome;
          return unknown;
        }
      }
    }
  }

  /** Says once that events are not delivered. */
  warn({ code, message, where = '' }: ShardmillError): void {
    if (this.#warned) return;
    this.#warned = true;
    this.options.warn(`events of lineage are not delivered: ${code} ${message} (${where})`);
  }
}
