import type { BoundImage } from '@shardmill/core';
import type { ImageLoader, ImageSource, LoadedImage } from './image-loader.js';
import { rowsAhead } from './image-loader.js';

/** What a row's image turned out to be; null where the row has none. */
type Loading = Promise<LoadedImage | null>;

/**
 * The images of a scanned chunk. They are loaded in the order of the rows, some of them ahead of
 * those that are asked for, and given up when their rows are packed.
 */
export class ImageColumn {
  readonly #loading: (Loading | undefined)[] = [];
  readonly #loaded: (LoadedImage | null | undefined)[] = [];
  readonly #ahead: number;
  #begun = 0;

  /**
   * @param sourceOf what a row holds, as a copy: the chunk may be gone while it is worked on.
   *   Undefined for null.
   */
  constructor(
    readonly rows: number,
    readonly sourceOf: (row: number) => ImageSource | undefined,
    readonly image: BoundImage,
    readonly loader: Pick<ImageLoader, 'load' | 'decoders'>,
  ) {
    this.#ahead = rowsAhead(image, loader.decoders);
  }

  /** Waits for the images of rows `[from, to)`. @throws as `ImageLoader.load` */
  async load(from: number, to: number): Promise<void> {
    for (let row = from; row < to; row++) {
      this.#begin(Math.min(this.rows, row + 1 + this.#ahead));
      this.#loaded[row] = await this.#loading[row];
      this.#loading[row] = undefined;
    }
  }

  /** The image of a row that is loaded and not released; null where the row has none. */
  at(row: number): LoadedImage | null {
    return this.#loaded[row] ?? null;
  }

  /** The images of rows `[from, to)` are not needed any more. */
  release(from: number, to: number): void {
    this.#loaded.fill(undefined, from, to);
  }

  #begin(end: number): void {
    for (; this.#begun < end; this.#begun++) {
      const source = this.sourceOf(this.#begun);
      const loading: Loading = source === undefined ? Promise.resolve(null) : this.#loadOne(source);
      // A failure is seen where the row is waited for, which may be never.
      loading.catch(() => {});
      this.#loading[this.#begun] = loading;
    }
  }

  async #loadOne(source: ImageSource): Promise<LoadedImage | null> {
    const { maxBytes } = this.image;
    if (typeof source !== 'string' && source.byteLength > maxBytes) {
      return { refused: `is larger than ${maxBytes} bytes (maxBytes)` };
    }
    return this.loader.load(source, this.image);
  }
}
