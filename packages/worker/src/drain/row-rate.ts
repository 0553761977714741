const WINDOW_MS = 10_000;

/** Rows per second over the last ten seconds. */
export class RowRate {
  #samples: { readonly at: number; readonly rows: number }[] = [];

  add(rows: number, now: number): void {
    this.#samples.push({ at: now, rows });
    this.#forget(now);
  }

  perSecond(now: number): number {
    this.#forget(now);
    return this.#samples.reduce((sum, { rows }) => sum + rows, 0) / (WINDOW_MS / 1000);
  }

  #forget(now: number): void {
    const first = this.#samples.findIndex(({ at }) => at > now - WINDOW_MS);
    this.#samples = first < 0 ? [] : this.#samples.slice(first);
  }
}
