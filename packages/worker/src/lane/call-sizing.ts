import type { LaneReply } from './lane-messages.js';
import type { PendingBatch } from './pool-lane.js';
import type { CallSize, TimedCall } from '../infer/call-size.js';

/** The part of a call that must be filled for its time to count as that of a full one. */
const FULL = 0.75;

/** Batches after which the time of a row is known. */
const STEADY_BATCHES = 8;

/**
 * How many rows, or tokens, go into one call of the model: what is being tried, what there was
 * room for, and who is to be informed of either.
 */
export class CallSizing {
  /** The most rows of one call for which there was room, in any lane. */
  #safeRows = Infinity;
  #callSize: CallSize | undefined;
  #reportedRows: number | undefined;
  #steadyBatches = 0;
  /** Whether a batch is one call: a kernel divides it by itself, and large trees want all of its rows. */
  undivided = false;
  /** Is called when there was no room for so many rows as before. */
  onSafeRows: (rows: number) => void = () => {};
  /** Is called with the rows of one call before they are first asked for, and when they change. */
  onRows: (rows: number) => void = () => {};
  /** Is called once, when the size of calls is known and a few batches have been timed with it. */
  onSteady: ((msPerRow: number) => void) | undefined;

  /** From now on batches are cut into calls of this size; without one a batch is a call. */
  use(callSize: CallSize | undefined): void {
    this.#callSize = callSize;
    callSize?.limit(this.#safeRows);
    this.#reportedRows = undefined;
    this.#steadyBatches = 0;
    this.onSteady = undefined;
  }

  /** Rows, or tokens, that the next call should have; undefined where it is not sized. */
  get rows(): number | undefined {
    return this.undivided ? undefined : this.#callSize?.rows;
  }

  /** The most rows of one call, as far as is known. */
  get safeRows(): number {
    return this.#safeRows;
  }

  /** Rows that the next batch should have, of those that there is room for. */
  batchRows(capacity: number): number {
    const wanted = this.undivided ? undefined : this.#callSize?.batchRows;
    return Math.min(capacity, wanted ?? capacity);
  }

  /** The size of the calls of a batch of so many rows, or tokens, which is about to be sent. */
  next(batchRows: number): { readonly callRows: number | undefined; readonly safeRows: number } {
    const [callRows, safeRows] = [this.rows, this.#safeRows];
    this.report(Math.min(callRows ?? batchRows, safeRows));
    return { callRows, safeRows };
  }

  /** No call takes more rows than this. */
  limit(rows: number): void {
    this.#safeRows = Math.min(this.#safeRows, rows);
    this.#callSize?.limit(rows);
  }

  /** Takes in what a lane has had room for. */
  learnSafeRows(rows: number): void {
    if (rows >= this.#safeRows) return;
    this.limit(rows);
    this.report(rows);
    this.onSafeRows(rows);
  }

  /** Reports the rows of one call, where they are not as they were. */
  report(rows: number): void {
    if (rows === this.#reportedRows) return;
    this.#reportedRows = rows;
    this.onRows(rows);
  }

  /** Takes in the time of a call, and reports when the time per row is known. */
  record(call: TimedCall): void {
    this.#callSize?.record(call, process.memoryUsage.rss());
    const msPerRow = this.#callSize?.msPerRow;
    if (msPerRow === undefined || ++this.#steadyBatches !== STEADY_BATCHES) return;
    this.onSteady?.(msPerRow);
  }
}

/** Undefined for a batch that had to be cut, or that was not full: it says nothing of the size tried. */
export function timedCall(
  { rows, callRows }: PendingBatch,
  { milliseconds, grownBytes, safeRows, result }: Extract<LaneReply, { kind: 'result' }>,
): TimedCall | undefined {
  if (callRows === undefined || callRows > safeRows || result.failures.length > 0) return undefined;
  return rows < callRows * FULL ? undefined : { callRows, rows, milliseconds, grownBytes };
}
