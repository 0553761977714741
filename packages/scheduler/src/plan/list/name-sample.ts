const MAX_NAMES = 3;

/** Counts files, and keeps the names of the first few in the order of their text. */
export class NameSample {
  #count = 0;
  #first: string[] = [];

  get count(): number {
    return this.#count;
  }

  /** The first few locations. */
  get first(): readonly string[] {
    return this.#first;
  }

  add(location: string): void {
    this.#count++;
    const last = this.#first.at(-1);
    if (this.#first.length === MAX_NAMES && last !== undefined && last <= location) return;
    this.#first = [...this.#first, location].toSorted().slice(0, MAX_NAMES);
  }

  /** `a.csv, b.txt and 4 more`, the names without `folder`. */
  describe(folder: string): string {
    const names = this.#first.map((location) =>
      location.startsWith(`${folder}/`) ? location.slice(folder.length + 1) : location,
    );
    const more = this.#count - names.length;
    return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
  }
}
