import {
  addRowCounts,
  addWork,
  NO_ROWS,
  NO_WORK,
  type RowCounts,
  type WorkTime,
} from '@shardmill/core';
import type { LedgerCounts } from '../view/ledger-counts.js';
import { ShardSet } from './shard-set.js';

/**
 * What is known of the shards of one round of a run: which are done, which failed, which should be
 * in the queue. What was only reported is kept apart from what was seen in the store.
 */
export class ShardLedger {
  readonly #done: ShardSet;
  readonly #failed: ShardSet;
  /** Done as far as was heard. */
  readonly #heard: ShardSet;
  /** Done, but their rows are not known yet. */
  readonly #uncounted: ShardSet;
  /** Shards that should be in the queue. */
  readonly window = new Set<number>();
  /** Worker time of shards that failed in other rounds of the plan, in seconds. */
  otherRoundsSeconds = 0;
  /** Those of the window that wait for their next attempt. */
  delayed: ReadonlySet<number> = new Set();
  /** Rows of the shards that are done and counted. */
  rows: RowCounts = NO_ROWS;
  /** Worker time of the same shards. */
  #work = NO_WORK;
  /** That of attempts at shards that are not done, as far as was heard, in seconds. */
  readonly #unfinished = new Map<number, number>();
  #listing: { readonly seen: ShardSet; readonly since: ShardSet } | undefined;
  #listedOnce = false;
  /** Shards below this are known: the first listing has passed them. */
  #frontier = 0;
  /** Below this no shard is open and outside the window. */
  #cursor = 0;

  constructor(readonly shards: number) {
    this.#done = new ShardSet(shards);
    this.#failed = new ShardSet(shards);
    this.#heard = new ShardSet(shards);
    this.#uncounted = new ShardSet(shards);
  }

  get done(): number {
    return this.#done.size;
  }
  /** Failed in this round, and without a record. */
  get failed(): number {
    return this.#failed.size;
  }
  get open(): number {
    return this.shards - this.#done.size - this.#failed.size;
  }
  get heard(): number {
    return this.#heard.size;
  }
  get uncounted(): number {
    return this.#uncounted.size;
  }
  get counts(): LedgerCounts {
    return {
      done: this.done,
      failed: this.failed,
      delayed: this.delayed.size,
      uncounted: this.uncounted,
      rows: this.rows,
      work: this.#allWork(),
    };
  }
  /** Whether all that the store has was seen at least once. */
  get listedOnce(): boolean {
    return this.#listedOnce;
  }
  isDone(shard: number): boolean {
    return this.#done.has(shard);
  }

  /** @returns whether it is news. */
  hearDone(shard: number, rows: RowCounts, work = NO_WORK): boolean {
    if (!this.#markDone(shard)) return false;
    this.#heard.add(shard);
    this.rows = addRowCounts(this.rows, rows);
    this.#work = addWork(this.#work, work);
    return true;
  }

  /** @param seconds of all attempts of the round: the record has them, too, once the shard is done. */
  hearUnfinished(shard: number, seconds: number): void {
    if (!this.#done.has(shard)) this.#unfinished.set(shard, seconds);
  }

  /** All that are done, as far as is known. */
  doneShards(): Iterable<number> {
    return this.#done;
  }

  /** Its record is in the store; its rows and its time, where it was read. */
  seeDone(shard: number, rows?: RowCounts, work = NO_WORK): void {
    const news = this.#markDone(shard);
    this.#heard.delete(shard);
    if (news && rows === undefined) this.#uncounted.add(shard);
    if (rows !== undefined && (news || this.#uncounted.delete(shard))) {
      this.rows = addRowCounts(this.rows, rows);
      this.#work = addWork(this.#work, work);
    }
  }

  /** Its failure is in the store; a record goes before it. */
  seeFailed(shard: number): void {
    this.window.delete(shard);
    if (!this.#done.has(shard)) this.#failed.add(shard);
  }

  /** Shards whose rows are not known, the first few. */
  someUncounted(limit: number): number[] {
    const some: number[] = [];
    for (const shard of this.#uncounted) {
      if (some.length === limit) break;
      some.push(shard);
    }
    return some;
  }

  beginListing(): void {
    const [seen, since] = [new ShardSet(this.shards), new ShardSet(this.shards)];
    this.#listing = { seen, since };
  }

  /** A record that the listing came to; those of the first listing come in the shards' order. */
  seeListed(shard: number): void {
    this.#listing?.seen.add(shard);
    this.seeDone(shard);
    // Beyond six digits the order of keys is not that of numbers.
    if (shard < 1_000_000) this.#frontier = Math.max(this.#frontier, shard + 1);
  }

  /**
   * All records there are were listed.
   * @returns how many shards had been taken for done and have no record.
   */
  endListing(): number {
    const listing = this.#listing;
    this.#listing = undefined;
    this.#listedOnce = true;
    this.#frontier = this.shards;
    if (listing === undefined) return 0;
    const wrong = [...this.#done].filter(
      (shard) => !listing.seen.has(shard) && !listing.since.has(shard),
    );
    for (const shard of wrong) {
      this.#done.delete(shard);
      this.#heard.delete(shard);
    }
    if (wrong.length > 0) this.#recount();
    return wrong.length;
  }

  /** Takes up to so many open shards into the window. */
  takeOpen(limit: number): number[] {
    const taken: number[] = [];
    let shard = this.#cursor;
    while (taken.length < limit) {
      const next = this.#done.firstMissing(shard, this.#failed);
      if (next === undefined || next >= this.#frontier) break;
      if (!this.window.has(next)) {
        this.window.add(next);
        taken.push(next);
      }
      shard = next + 1;
      this.#cursor = shard;
    }
    return taken;
  }

  /** Open shards from the first, at most so many, whether or not they are in the window. */
  firstOpen(limit: number): number[] {
    const open: number[] = [];
    for (let shard = 0; open.length < limit; shard++) {
      const next = this.#done.firstMissing(shard, this.#failed);
      if (next === undefined) break;
      open.push(next);
      shard = next;
    }
    return open;
  }

  #markDone(shard: number): boolean {
    this.#listing?.since.add(shard);
    this.window.delete(shard);
    this.#failed.delete(shard);
    this.#unfinished.delete(shard);
    return this.#done.add(shard);
  }

  /** Shards that are done and not counted are taken to be like the others. */
  #allWork(): WorkTime {
    const counted = this.done - this.uncounted;
    const scale = counted > 0 ? this.done / counted : 1;
    let others = this.otherRoundsSeconds;
    for (const seconds of this.#unfinished.values()) others += seconds;
    const { workerSeconds, unfinishedSeconds } = this.#work;
    return {
      workerSeconds: workerSeconds * scale,
      unfinishedSeconds: unfinishedSeconds * scale + others,
    };
  }

  /** After something false was counted. */
  #recount(): void {
    this.rows = NO_ROWS;
    this.#work = NO_WORK;
    this.#uncounted.clear();
    this.#uncounted.addAll(this.#done);
    this.#cursor = 0;
  }
}
