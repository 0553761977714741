import type { BoundFeature } from '@shardmill/core';
import type { ModelSubstitute } from '../substitute/model-substitute.js';
import type { LaneReply, LaneRequest } from './lane-messages.js';
import { send } from './lane-thread.js';
import type { Lane } from './pool-lane.js';

/**
 * The substitute that the lanes of a pool score by. Lanes that have opened the model check their first
 * rows. The others take over what the first of those has found, and get no batches before.
 */
export class SharedSubstitute {
  #request: Extract<LaneRequest, { kind: 'substitute' }> | undefined;
  /** Whether the first rows were the same as the model's; undefined before they are checked. */
  #same: boolean | undefined;
  #nextId = 0;

  /** Whether there is one. */
  get isSet(): boolean {
    return this.#request?.substitute !== undefined;
  }

  /** Whether there is one whose first rows have not been checked. */
  get isUnchecked(): boolean {
    return this.isSet && this.#same === undefined;
  }

  /** Whether there is a kernel whose first rows were the same. */
  get hasKernel(): boolean {
    return this.#request?.substitute?.kernel !== undefined && this.#same === true;
  }

  /** Sends all lanes another one, or that there is none. */
  set(
    substitute: ModelSubstitute | undefined,
    features: readonly BoundFeature[],
    lanes: readonly Lane[],
  ): void {
    this.#same = undefined;
    this.#request = { kind: 'substitute', id: this.#nextId++, substitute, features };
    for (const { worker } of lanes) send(worker, this.#request);
  }

  /** Sends a lane that is added later what there is. */
  sendTo(lane: Lane): void {
    if (this.#request !== undefined) send(lane.worker, this.#request);
    this.#settle(lane);
  }

  /**
   * Takes in what a lane has found.
   * @param lanes all of them.
   */
  checked(
    lane: Lane,
    { id, same }: Extract<LaneReply, { kind: 'substituteChecked' }>,
    lanes: readonly Lane[],
  ): void {
    // What a deferred lane could not open says nothing of the others, nor what was found of an earlier one.
    if (lane.deferred || id !== this.#request?.id || this.#same !== undefined) return;
    this.#same = same;
    for (const other of lanes) this.#settle(other);
  }

  #settle({ worker, deferred }: Lane): void {
    const same = this.#same;
    if (deferred && same !== undefined) send(worker, { kind: 'settleSubstitute', same });
  }
}
