import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ImageColumn } from './image-column.js';
import { type ImageSource, rowsAhead } from './image-loader.js';
import { usualImage } from '../testing/usual-image.js';

/** Loads names as their own reason; each ends when it is allowed to. */
class SlowLoader {
  readonly decoders = 2;
  readonly begun: string[] = [];
  inFlight = 0;
  mostInFlight = 0;

  constructor(readonly turnsOf: (name: string) => number = () => 1) {}

  async load(source: ImageSource): Promise<{ refused: string }> {
    const name = String(source);
    this.begun.push(name);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    for (let turns = this.turnsOf(name); turns > 0; turns--) await setImmediate();
    this.inFlight--;
    if (name === 'fails') throw new Error('the store is away');
    return { refused: name };
  }
}

const column = (names: readonly (string | undefined)[], loader: SlowLoader): ImageColumn =>
  new ImageColumn(names.length, (row) => names[row], usualImage, loader);

describe('a column of images', () => {
  it('gives each row its own image, whichever is ready first', async () => {
    const names = Array.from({ length: 50 }, (_, i) => (i % 7 === 3 ? undefined : `image ${i}`));
    const images = column(names, new SlowLoader((name) => (Number(name.slice(6)) * 7) % 11));
    for (const [from, to] of [
      [0, 1],
      [1, 20],
      [20, 50],
    ] as const) {
      await images.load(from, to);
      for (let row = from; row < to; row++) {
        const name = names[row];
        expect(images.at(row)).toEqual(name === undefined ? null : { refused: name });
      }
      images.release(from, to);
    }
  });

  it('goes ahead of the rows that are asked for, by a limited number', async () => {
    const loader = new SlowLoader();
    const images = column(
      Array.from({ length: 100 }, (_, i) => `${i}`),
      loader,
    );
    const ahead = rowsAhead(usualImage, loader.decoders);
    await images.load(0, 1);
    expect(loader.begun).toHaveLength(1 + ahead);
    await images.load(1, 100);
    expect(loader.begun).toHaveLength(100);
    expect(loader.mostInFlight).toBeLessThanOrEqual(1 + ahead);
  });

  it('has fewer large images ahead than small ones, and one at least', () => {
    const large = { ...usualImage, height: 2048, width: 2048 };
    expect(rowsAhead({ ...usualImage, from: '/photos' }, 2)).toBeGreaterThan(
      rowsAhead(usualImage, 2),
    );
    expect(rowsAhead(large, 16)).toBe(2);
    expect(rowsAhead({ ...large, height: 16_384 }, 16)).toBe(1);
  });

  it('fails where a row is asked for that could not be loaded, and only there', async () => {
    const images = column(['a', 'fails', 'b'], new SlowLoader());
    await images.load(0, 1);
    await setImmediate();
    await expect(images.load(1, 2)).rejects.toThrow('the store is away');
  });

  it('refuses an image of more bytes than allowed without decoding it', async () => {
    const loader = new SlowLoader();
    const images = new ImageColumn(
      1,
      () => new Uint8Array(11),
      { ...usualImage, maxBytes: 10 },
      loader,
    );
    await images.load(0, 1);
    expect(images.at(0)).toEqual({ refused: 'is larger than 10 bytes (maxBytes)' });
    expect(loader.begun).toEqual([]);
  });
});
