/** Bounds requests that run at the same time, and the bytes that they hold in memory. */
export class RequestLimit {
  #requests = 0;
  #bytes = 0;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];

  constructor(
    readonly maxRequests: number,
    /** One request that is larger runs alone. */
    readonly maxBytes: number,
  ) {}

  /** Does `work` when there is room for it, in the order of asking. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#hasRoom(bytes)) {
      await new Promise<void>((start) => this.#waiting.push({ bytes, start }));
    } else this.#take(bytes);
    try {
      return await work();
    } finally {
      this.#requests--;
      this.#bytes -= bytes;
      this.#startWaiting();
    }
  }

  #hasRoom(bytes: number): boolean {
    if (this.#requests === 0) return true;
    return this.#requests < this.maxRequests && this.#bytes + bytes <= this.maxBytes;
  }

  #take(bytes: number): void {
    this.#requests++;
    this.#bytes += bytes;
  }

  #startWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#hasRoom(next.bytes)) return;
      this.#waiting.shift();
      this.#take(next.bytes);
      next.start();
    }
  }
}
