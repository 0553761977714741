import { type BackfillContext, BackfillSteps } from './backfill-steps.js';

/** All backfills that have not ended, as a scheduler looks after them. */
export class BackfillKeeper {
  readonly #steps = new Map<string, BackfillSteps>();

  constructor(readonly context: BackfillContext) {}

  /**
   * One step of each. @returns whether there is more to do at once.
   * @param failed is called with what went wrong with one of them; the others go on.
   */
  async work(failed: (id: string, error: unknown) => void): Promise<boolean> {
    const markers = await this.context.backfills.active();
    const ids = [...new Set(markers.map(({ id }) => id))];
    let more = false;
    for (const id of ids) {
      try {
        if (await this.#workOn(id)) more = true;
      } catch (error) {
        failed(id, error);
      }
    }
    for (const id of this.#steps.keys()) if (!ids.includes(id)) this.#steps.delete(id);
    return more;
  }

  /** @returns whether it has dates that can be begun at once. */
  async #workOn(id: string): Promise<boolean> {
    const steps = this.#steps.get(id) ?? (await this.#open(id));
    if (steps === undefined) return false;
    this.#steps.set(id, steps);
    if ((await steps.step()) === 'goes-on') return steps.hasOpenDates;
    this.#steps.delete(id);
    return false;
  }

  async #open(id: string): Promise<BackfillSteps | undefined> {
    const found = await this.context.backfills.find(id);
    // A marker without a log: its submission is about to be stored, or died before that.
    return found === undefined ? undefined : new BackfillSteps(found, this.context);
  }
}
