import { rm } from 'node:fs/promises';
import type { PlannedPart, PlannedShard, Scoring } from '@shardmill/core';
import type { LanePool } from '../../lane/lane-pool.js';
import { CallCost } from '../../single-pass/call-cost.js';
import type { PartOrder, PartOutcome } from '../../single-pass/part-order.js';

/** After so many parts of a run that a single pass could not write, it begins no more. */
const MAX_FAILED_PARTS = 2;

interface OpenedLanes {
  /** It has at least one lane. */
  readonly pool: Pick<LanePool, 'writePart'>;
  /** How many there will be. */
  readonly lanes: number;
  /** Starts the others. */
  readonly fill: () => Promise<unknown>;
}

/**
 * Decides which parts of a run are scored in a single pass, each by one lane, and hands them out.
 * The other writer, two passes, has all lanes work on one part, and takes more processor time.
 */
export class SinglePass {
  readonly #cost: CallCost;
  #failedParts = 0;
  #writing = 0;
  #filling = false;
  /** Whether rows had to be rejected in this run: there may well be more. */
  #survey = false;

  constructor(
    scoring: Scoring,
    /** Whether a part is written so wherever that is possible, and not where it is faster. */
    readonly wherePossible: boolean,
    readonly lanes: OpenedLanes,
  ) {
    this.#cost = new CallCost(scoring);
  }

  /** Records what rows cost that were scored in two passes. */
  record(usPerRow: number): void {
    this.#cost.record(usPerRow);
  }

  /** Parts that are worked on at once. */
  get partsAtOnce(): number {
    return this.lanes.lanes;
  }

  /**
   * Whether to begin with this part: with an expensive model, the last parts of a shard are written
   * in two passes where they are fewer than the lanes, so that no lane is idle.
   */
  suits(shard: PlannedShard, part: PlannedPart): boolean {
    if (this.#failedParts >= MAX_FAILED_PARTS) return false;
    if (this.wherePossible) return true;
    if (this.#cost.tooExpensive) return false;
    if (!this.#cost.expensive) return true;
    const index = shard.parts.findIndex((one) => one.part === part.part);
    const { lanes } = this.lanes;
    return index < Math.floor(shard.parts.length / lanes) * lanes;
  }

  /**
   * Writes a part's results to a finished local file.
   * @param several whether there are other parts for other lanes.
   * @throws what the signal was aborted with, ENGINE_CRASHED
   */
  async write(
    request: Omit<PartOrder, 'survey'>,
    several: boolean,
    signal: AbortSignal,
    onRows: (rows: number) => void,
  ): Promise<PartOutcome> {
    if (several || this.#writing > 0) this.#fill();
    this.#writing++;
    try {
      return await this.#write(request, signal, onRows);
    } finally {
      this.#writing--;
    }
  }

  async #write(
    request: Omit<PartOrder, 'survey'>,
    signal: AbortSignal,
    onRows: (rows: number) => void,
  ): Promise<PartOutcome> {
    let outcome = await this.#writePart(request, signal, onRows);
    if (outcome.file === undefined && outcome.needsSurvey === true && !signal.aborted) {
      this.#survey = true;
      outcome = await this.#writePart(request, signal, onRows);
    }
    if (signal.aborted) {
      if (outcome.file !== undefined) await rm(outcome.file, { force: true, recursive: true });
      throw signal.reason;
    }
    this.#cost.record(outcome.usPerRow);
    if (outcome.file === undefined) {
      this.#failedParts++;
      onRows(0);
    }
    return outcome;
  }

  /** A failure to start a lane is reported by the two passes, which need it. */
  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    this.lanes.fill().catch(() => {});
  }

  #writePart(
    request: Omit<PartOrder, 'survey'>,
    signal: AbortSignal,
    onRows: (rows: number) => void,
  ): Promise<PartOutcome> {
    return this.lanes.pool.writePart({ ...request, survey: this.#survey }, signal, onRows);
  }
}
