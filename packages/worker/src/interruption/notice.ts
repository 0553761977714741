import type { Logger } from '@shardmill/core';

/** What a cloud says about the machine that this process runs on. */
export interface Notice {
  /**
   * `interruption`: the machine will be reclaimed. `rebalance`: it is likely to be, some time.
   * `maintenance`: it will be stopped, restarted or moved.
   */
  readonly kind: 'interruption' | 'rebalance' | 'maintenance';
  /** When it was learned; milliseconds since 1970. */
  readonly at: number;
  /** When it is to happen, where that is known; milliseconds since 1970. */
  readonly deadline: number | null;
  /** Text of the notice, for the log. */
  readonly detail: string;
}

/** A cloud's notices to this machine. */
export interface NoticeSource {
  /** `aws`, `gcp`, `azure` */
  readonly name: string;
  /**
   * Reports each notice once, and ends when the signal is aborted. A metadata service that is away
   * is logged and no failure. @throws nothing
   */
  watch(onNotice: (notice: Notice) => void, signal: AbortSignal): Promise<void>;
}

export interface NoticeOptions {
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** URL of the metadata service; the cloud's own where left out. */
  readonly baseUrl?: string | undefined;
  /** Between two questions; what the cloud recommends where left out. */
  readonly intervalMs?: number | undefined;
}
