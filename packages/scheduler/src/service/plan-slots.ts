/** Lets so many plannings go on at once; whoever gets none asks again later. */
export class PlanSlots {
  #taken = 0;

  constructor(
    readonly limit: number,
    readonly onFree: () => void,
  ) {}

  /** @returns what gives the slot back, or undefined where none is free. */
  take(): (() => void) | undefined {
    if (this.#taken >= this.limit) return undefined;
    this.#taken++;
    return () => {
      this.#taken--;
      this.onFree();
    };
  }
}
