import { type BoundImage, Semaphore, type Stores } from '@shardmill/core';
import { decodeImage, type RefusedImage } from './decode-image.js';
import { fetchImage } from './fetch-image.js';
import type { SharpLibrary } from './load-sharp.js';
import type { Pixels } from './pixels.js';

/** What a row of a column holds: the bytes of an image, or where it lies. */
export type ImageSource = Uint8Array | string;
export type LoadedImage = Pixels | RefusedImage;

/** Requests for images on their way in an engine, each of which holds an image until it is decoded. */
const MAX_FETCHES = 32;
/** Decoded images that wait for their batch, of one column. */
const MAX_AHEAD_BYTES = 32 * 2 ** 20;

/** How far the loading of a column goes ahead of the rows that are packed. */
export function rowsAhead({ from, height, width }: BoundImage, decoders: number): number {
  const wanted = from === null ? 2 * decoders : MAX_FETCHES + decoders;
  return Math.max(1, Math.min(wanted, Math.floor(MAX_AHEAD_BYTES / (height * width * 3))));
}

/**
 * Fetches and decodes the images of a run, beside the lanes: on the threads of Node's pool, a
 * limited number at once, whatever number of parts is scanned.
 */
export class ImageLoader {
  readonly #decodes: Semaphore;
  readonly #fetches = new Semaphore(MAX_FETCHES);

  /** @param decoders images that are decoded at once: the cores of the engine. */
  constructor(
    readonly sharp: SharpLibrary,
    readonly stores: Pick<Stores, 'objectAt'>,
    readonly decoders: number,
  ) {
    this.#decodes = new Semaphore(decoders);
  }

  /** @throws as `fetchImage` */
  async load(source: ImageSource, image: BoundImage): Promise<LoadedImage> {
    if (typeof source !== 'string') return this.#decode(source, image);
    const { from, maxBytes } = image;
    // A plan that has no place for them was not made by this version.
    if (from === null) return { refused: 'LOCATION_FORBIDDEN: the job does not say from where' };
    const done = await this.#fetches.acquire();
    try {
      const fetched = await fetchImage(source, { from, maxBytes }, this.stores);
      return 'refused' in fetched ? fetched : await this.#decode(fetched, image);
    } finally {
      done();
    }
  }

  async #decode(bytes: Uint8Array, image: BoundImage): Promise<LoadedImage> {
    const done = await this.#decodes.acquire();
    try {
      return await decodeImage(this.sharp, bytes, image);
    } finally {
      done();
    }
  }
}
