import type { Scoring } from '@shardmill/core';
import { LanePool, type LoadedModel } from '../infer/lane-pool.js';
import { verifyModelFiles } from '../model/model-files.js';

/**
 * The model of this process: looked at once for the plan, then used for scoring by the same
 * session, so that a large model is not loaded twice.
 */
export class ModelHost {
  #path: string | undefined;
  #pool = new LanePool();
  #first: Promise<LoadedModel> | undefined;

  load(modelPath: string): Promise<LoadedModel> {
    if (this.#first === undefined || this.#path !== modelPath) {
      this.#path = modelPath;
      this.#pool = new LanePool();
      this.#first = this.#pool.addLane(modelPath, 1);
    }
    return this.#first;
  }

  /** Lanes with exactly the planned model. @throws MODEL_CHANGED */
  async lanesFor(model: Scoring['model'], lanes: number, threads: number): Promise<LanePool> {
    await verifyModelFiles(model);
    if (this.#path !== model.uri || threads !== 1) {
      this.#pool = new LanePool();
      this.#path = undefined;
      this.#first = undefined;
    } else {
      await this.#first;
    }
    const missing = Math.max(0, lanes - this.#pool.size);
    await Promise.all(
      Array.from({ length: missing }, () => this.#pool.addLane(model.uri, threads)),
    );
    return this.#pool;
  }
}
